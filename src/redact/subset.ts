/**
 * Less of what was released, as the reader asked. Nothing is added and nothing that was taken out comes back, so a
 * release stays one. https://hl7.org/fhir/R4/search.html#elements
 */
import type { Resource } from '@medplum/fhirtypes'
import { elementOf, mandatoryElements, summaryElements } from '#fhir/element-names.ts'
import { withoutUnreached } from './unreached.ts'

export interface SubsetAsked {
  readonly summary?: 'true' | 'text' | 'data'
  readonly elements?: readonly string[]
}

const SUBSETTED = { system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'SUBSETTED' }

/** What handling asks for, what the resource is, and what else it would not be valid without. */
const ALWAYS: ReadonlySet<string> = new Set(['resourceType', 'id', 'meta', 'implicitRules', 'contained'])

export function subset<R extends { readonly resource: Resource }>(released: R, asked: SubsetAsked): R {
  const isKept = keeping(released.resource.resourceType, asked)
  if (!isKept) return released
  const kept = Object.entries(released.resource).filter(([key]) => isKept(key))
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- elements of a resource, its type among them
  const resource = withoutUnreached(Object.fromEntries(kept) as unknown as Resource)
  const tag = resource.meta?.tag ?? []
  const isTagged = tag.some(({ system, code }) => system === SUBSETTED.system && code === SUBSETTED.code)
  const meta = isTagged ? resource.meta : { ...resource.meta, tag: [...tag, SUBSETTED] }
  return { ...released, resource: { ...resource, ...(meta && { meta }) } }
}

function keeping(type: string, { summary, elements }: SubsetAsked): ((key: string) => boolean) | undefined {
  if (summary === 'data') return (key) => key !== 'text'
  const wanted =
    summary === 'true' ? summaryElements(type) : summary === 'text' ? new Set(['text']) : new Set(elements)
  if (summary === undefined && elements === undefined) return undefined
  const mandatory = mandatoryElements(type)
  return (key) => {
    const element = elementOf(type, key)
    return ALWAYS.has(element) || mandatory.has(element) || wanted.has(element)
  }
}
