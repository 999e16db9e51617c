/**
 * Resources that mostly point to others: a List, a Composition, a MessageHeader, a Provenance. They are decided by entry:
 * what points to something withheld goes, and with it the words that spoke of the whole. One that lost its point goes too.
 */
import type { Composition, CompositionSection, Resource } from '@medplum/fhirtypes'
import type { Names } from './names.ts'
import { pointersTo } from './pointers.ts'
import { takeOut } from './take-out.ts'
import { neutralMeta } from './neutral-meta.ts'

interface Container {
  /** The entry that a path stands in. */
  readonly entry: RegExp
  /** Without it there is nothing to say. */
  readonly point: string
  /** What stays once an entry is gone: no titles, notes, codes or identifiers of the whole. */
  readonly keeps: RegExp
}

const containers: Readonly<Record<string, Container>> = {
  List: {
    entry: /^List\.entry\[\d+\]/,
    point: 'entry',
    keeps: /^(?:status|mode|subject|date|entry)$/,
  },
  Composition: {
    entry: /^Composition(?:\.section\[\d+\])+\.entry\[\d+\]/,
    point: 'section',
    keeps: /^(?:status|type|subject|date|author|section)$/,
  },
  MessageHeader: {
    entry: /^MessageHeader\.focus\[\d+\]/,
    point: 'focus',
    keeps: /^(?:event(?:Coding|Uri)|destination|source|focus)$/,
  },
  Provenance: {
    entry: /^Provenance\.(?:target|entity)\[\d+\]/,
    point: 'target',
    keeps: /^(?:target|occurred(?:Period|DateTime)|recorded|agent|entity)$/,
  },
}

const FRAME = /^(?:resourceType|id|meta|language)$/

export function isContainer({ resourceType }: Resource): boolean {
  return resourceType in containers
}

/** Undefined when nothing is left to point to, or when what may not stay cannot be taken out. */
export function redactContainer<R extends Resource>(resource: R, withheld: Names): R | undefined {
  const container = containers[resource.resourceType]
  if (!container) return undefined
  const found = pointersTo(resource, withheld, (path) => container.entry.exec(path)?.[0])
  if (found === 'all') return undefined
  if (found.length === 0) return resource
  const rest = pared(takeOut(resource, found), container.keeps)
  return hasPoint(rest, container.point) ? rest : undefined
}

function pared<R extends Resource>(resource: R, keeps: RegExp): R {
  const result = { ...resource }
  for (const key of Object.keys(resource))
    if (!FRAME.test(key) && !keeps.test(key.replace(/^_/, ''))) Reflect.deleteProperty(result, key)
  const meta = resource.meta && neutralMeta(resource.meta, undefined)
  if (meta) result.meta = meta
  else delete result.meta
  return isComposition(result) ? Object.assign(result, withoutHeadings(result)) : result
}

function isComposition(resource: Resource): resource is Composition {
  return resource.resourceType === 'Composition'
}

/** https://hl7.org/fhir/R4/extension-data-absent-reason.html */
const MASKED = {
  extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'masked' }],
}

/** R4 requires a title, so its absence is explained; what kind of document it is stays as a bare code. */
function withoutHeadings({ type, section }: Composition) {
  const coding = type?.coding?.map(({ system, code }) => ({ system, code }))
  return { type: coding ? { coding } : MASKED, _title: MASKED, section: sectionsWithPoint(section) }
}

/** Headings and texts of sections speak of all that was in them. cmp-1: a section has entries or sections, or is none. */
function sectionsWithPoint(sections: readonly CompositionSection[] = []): CompositionSection[] {
  return sections.flatMap(({ entry, section, mode }) => {
    const inner = sectionsWithPoint(section)
    if (!entry?.length && inner.length === 0) return []
    return [
      { ...(mode && { mode }), ...(entry?.length && { entry }), ...(inner.length > 0 && { section: inner }) },
    ]
  })
}

function hasPoint(resource: Resource, element: string): boolean {
  const list: unknown = Reflect.get(resource, element)
  return Array.isArray(list) && list.length > 0
}
