/** A piece of FHIR JSON in words, for a narrative: concepts, references, times and quantities. https://hl7.org/fhir/R4/datatypes.html */
import type { Resource } from '@medplum/fhirtypes'
import type { Language } from '#consent/reason.ts'
import { telling, wordOfState } from './narrative-words.ts'

export interface Speaker {
  readonly language: Language
  /** By `#id`. */
  readonly contained: ReadonlyMap<string, Resource>
}

/** Numbers, addresses and bookkeeping: for machines, or nobody's to read in a summary. */
const UNSPOKEN: ReadonlySet<string> = new Set(
  `id extension modifierExtension identifier reference system url version use userSelected rank repeat meta
  resourceType kind priority subject patient for encounter mode lifecycleStatus contained instantiatesCanonical instantiatesUri
  doNotPerform data contentType hash size format language referenceRange`.split(/\s+/),
)

/** Where the words of a contained resource stand. */
const NAMES = ['code', 'description', 'title', 'name', 'display'] as const

const SEPARATOR = ' · '

export function spoken(value: unknown, element: string, speaker: Speaker): string {
  if (typeof value === 'string') return spokenText(value, element, speaker)
  if (typeof value === 'number') return String(value)
  if (typeof value === 'boolean') return spokenTruth(value, element, speaker)
  if (Array.isArray(value)) return joined(value.map((item: unknown) => spoken(item, element, speaker)))
  if (typeof value !== 'object' || value === null) return ''
  if ('coding' in value || ('text' in value && typeof value.text === 'string'))
    return spokenConcept(value, element, speaker)
  if ('reference' in value || 'display' in value) return spokenReference(value, speaker)
  if ('code' in value && 'system' in value && !('value' in value)) return spoken(value.code, element, speaker)
  if ('value' in value && typeof value.value === 'number') return spokenQuantity(value)
  if ('family' in value || 'given' in value) return spokenName(value)
  if (('start' in value || 'end' in value) && !('status' in value)) return spokenPeriod(value)
  return joined([...orders(value, speaker), ...spokenFields(value, speaker)])
}

function spokenFields(value: object, speaker: Speaker): string[] {
  return Object.entries(value).map(([key, field]: [string, unknown]) =>
    UNSPOKEN.has(key) || key.startsWith('_') ? '' : spoken(field, key, speaker),
  )
}

function orders(value: object, { language }: Speaker): string[] {
  return 'doNotPerform' in value && value.doNotPerform === true ? [telling('doNotPerform', language)] : []
}

/** An order is done unless it says that it is not: `false` needs no words. */
function spokenTruth(isTrue: boolean, element: string, { language }: Speaker): string {
  if (element === 'doNotPerform') return isTrue ? telling('doNotPerform', language) : ''
  return telling(isTrue ? 'yes' : 'no', language)
}

function spokenText(text: string, element: string, { language }: Speaker): string {
  if (/[sS]tatus$/.test(element)) return wordOfState(text, language)
  // As written, in the writer's zone: `2026-06-14T08:00:00+02:00` is eight in the morning there.
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text) ? `${text.slice(0, 10)} ${text.slice(11, 16)}` : text
}

/** The sender's own words first, then those of the code, then the code. */
function spokenConcept(concept: object, element: string, speaker: Speaker): string {
  if ('text' in concept && typeof concept.text === 'string') return concept.text
  const codings = 'coding' in concept && Array.isArray(concept.coding) ? concept.coding : []
  return joined(codings.map((coding: unknown) => spoken(coding, element, speaker)))
}

function spokenReference(value: object, speaker: Speaker): string {
  if ('display' in value && typeof value.display === 'string') return value.display
  if ('code' in value) return spoken(value.code, 'code', speaker)
  const target =
    'reference' in value && typeof value.reference === 'string'
      ? speaker.contained.get(value.reference)
      : undefined
  if (!target) return ''
  // The contained resource speaks for itself alone: what it points to in turn stands elsewhere, or is a circle.
  const alone: Speaker = { ...speaker, contained: new Map() }
  const words = NAMES.map((name) => spoken(Reflect.get(target, name), name, alone))
  return words.find((word) => word !== '') ?? ''
}

function spokenQuantity(quantity: object): string {
  const amount = 'value' in quantity ? String(quantity.value) : ''
  const comparator =
    'comparator' in quantity && typeof quantity.comparator === 'string' ? quantity.comparator : ''
  const unit = 'unit' in quantity ? quantity.unit : 'code' in quantity ? quantity.code : undefined
  return `${comparator}${amount}${typeof unit === 'string' ? ` ${unit}` : ''}`
}

/** https://hl7.org/fhir/R4/datatypes.html#HumanName; one with `text` is read before. */
function spokenName(name: object): string {
  const given = 'given' in name && Array.isArray(name.given) ? name.given : []
  const parts: readonly unknown[] = [...given, 'family' in name ? name.family : undefined]
  return parts.filter((part) => typeof part === 'string').join(' ')
}

function spokenPeriod(period: object): string {
  const end = (value: unknown) => (typeof value === 'string' ? value.slice(0, 16).replace('T', ' ') : '')
  return `${end('start' in period ? period.start : undefined)} – ${end('end' in period ? period.end : undefined)}`.trim()
}

function joined(words: readonly string[]): string {
  return words.filter((word) => word !== '').join(SEPARATOR)
}
