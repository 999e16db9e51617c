/**
 * The text of a resource, made anew from what is released of it and from nothing else: intake drops the narratives of
 * senders, since text made by others may name what an element hides. https://hl7.org/fhir/R4/narrative.html
 */
import type { Narrative, Resource } from '@medplum/fhirtypes'
import type { Language } from '#consent/reason.ts'
import { elementsShown, heading, nameOfType, telling } from './narrative-words.ts'
import { type Speaker, spoken } from './spoken.ts'
import { escapeXml } from './xml-text.ts'

export interface NarrativeOptions {
  /** For a resource that does not say its own. */
  readonly language?: Language
  /** Something was withheld. */
  readonly reduced?: boolean
  /** It must not be passed on. */
  readonly noOnwardUse?: boolean
}

/** Whether we have words for the type: of any other a narrative would say its name and nothing else. */
export function hasNarrative(type: string): boolean {
  return elementsShown(type).length > 0
}

export function narrativeOf(resource: Resource, options: NarrativeOptions = {}): Narrative {
  const language = languageOf(resource) ?? options.language ?? 'en'
  const speaker: Speaker = { language, contained: containedOf(resource) }
  const type = resource.resourceType
  let list = ''
  for (const element of elementsShown(type)) {
    const value: unknown = Reflect.get(resource, element)
    if (value === undefined) continue
    const lines = (Array.isArray(value) ? value : [value]).map((item) => spoken(item, element, speaker))
    const said = lines.filter((line) => line !== '').map((line) => `<dd>${escapeXml(line)}</dd>`)
    if (said.length > 0) list += `<dt>${escapeXml(heading(type, element, language))}</dt>${said.join('')}`
  }
  const told = [
    ...(options.reduced ? [telling('reduced', language)] : []),
    ...(options.noOnwardUse ? [telling('noOnwardUse', language)] : []),
  ]
  const head = `<p><b>${escapeXml(nameOfType(type, language))}</b></p>`
  const body = list === '' ? '' : `<dl>${list}</dl>`
  const notes = told.map((sentence) => `<p>${escapeXml(sentence)}</p>`).join('')
  const root = `<div xmlns="http://www.w3.org/1999/xhtml" lang="${language}" xml:lang="${language}">`
  return { status: 'generated', div: `${root}${head}${body}${notes}</div>` }
}

/** https://hl7.org/fhir/R4/resource-definitions.html#Resource.language: BCP 47, such as `da-DK` or `nn`. */
function languageOf({ language }: Resource): Language | undefined {
  const primary = language?.toLowerCase().split('-')[0]
  if (primary === 'nb' || primary === 'nn' || primary === 'no') return 'nb'
  return primary === 'da' || primary === 'en' ? primary : undefined
}

function containedOf(resource: Resource): ReadonlyMap<string, Resource> {
  const contained = 'contained' in resource ? (resource.contained ?? []) : []
  return new Map(contained.map((inner) => [`#${inner.id ?? ''}`, inner]))
}
