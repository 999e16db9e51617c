/** A query, read strictly: a filter that were ignored would answer more than was asked for. */
import { type DateClauses, readDateTerm } from '#fhir/date-search.ts'
import { GatewayError } from '#fhir/gateway-error.ts'
import { hasDate, type HeldType, isHeldType } from '#fhir/held-types.ts'
import { asksByNationalId } from '#fhir/national-system.ts'
import { readPersonIdentifier } from '#fhir/person-identifier.ts'
import { clauseOf, searchParametersOf } from '#fhir/search-parameters.ts'
import type { NamedSubject } from '#intake/subject.ts'
import { isUuid } from './is-uuid.ts'
import type { Call } from './call.ts'
import { isLenient } from './handling.ts'
import { LIST_COUNT, readCount } from './page.ts'
import { type IncludeAsked, readInclude } from './include-request.ts'
import { readElements, readOrder, readSummary, refused, type SearchResult } from './search-result.ts'

export interface Search extends SearchResult {
  readonly resourceType: HeldType
  readonly subject?: NamedSubject
  readonly ids?: readonly string[]
  readonly clauses: readonly (readonly string[])[]
  readonly lastUpdated: DateClauses
  readonly date: DateClauses
  readonly includes: readonly IncludeAsked[]
  readonly count: number
  readonly cursor?: string
  /** The query as it was understood, without national ids: goes into `Bundle.link`. */
  readonly self: string
  /** The same without citizen and cursor: with the citizen, it is what a cursor belongs to. */
  readonly question: string
}

const IDENTIFIER_PARAMETERS: ReadonlySet<string> = new Set([
  'patient.identifier',
  'patient:identifier',
  'subject.identifier',
  'subject:identifier',
])
/** What every type is found by, and how much of it comes back. */
export const everyType: readonly string[] = [
  'patient',
  'patient.identifier',
  '_id',
  '_lastUpdated',
  '_count',
  '_sort',
  '_elements',
  '_summary',
  '_include',
  '_revinclude',
]
const MAX_PARAMETERS = 50
/** `a,b,c` of one parameter: each is compared in the database. */
const MAX_VALUES = 100
/** Of all parameters together: each is compared with each code of each resource. */
const MAX_VALUES_IN_ALL = 200

export function readSearch(call: Call): Search {
  const { resourceType, query } = call
  if (!isHeldType(resourceType))
    throw new GatewayError({ code: 'not-found', text: 'this resource type is not served' })
  if (query.size > MAX_PARAMETERS) throw invalid('', `at most ${MAX_PARAMETERS} parameters are read`)
  const understood = new URLSearchParams()
  const question = new URLSearchParams()
  let search: Search = { ...NOTHING_ASKED, resourceType }
  for (const [name, value] of query) {
    // No code holds one, and PostgreSQL takes no NUL.
    // oxlint-disable-next-line no-control-regex -- these are the characters to find
    if (/[\u0000-\u001f\u007f]/.test(value))
      throw invalid('', 'a value holds a control character; leave it out')
    const next = readParameter(search, call, name, value)
    if (!next) {
      if (isLenient(call) && !name.includes(':')) continue
      throw unknown(resourceType, name)
    }
    search = next
    if (IDENTIFIER_PARAMETERS.has(name)) continue
    understood.append(name, name === '_id' ? idsOf(value).join() : value)
    if (!ABOUT_PLACE.has(name)) question.append(name, name === '_id' ? idsOf(value).join() : value)
  }
  refuseTogether(search)
  if (search.clauses.flat().length > MAX_VALUES_IN_ALL)
    throw invalid('', `at most ${MAX_VALUES_IN_ALL} values are read in all parameters together`)
  if (!search.subject && !search.ids) {
    throw new GatewayError({
      code: 'search-too-wide',
      text: 'name one citizen with `patient`, or resources with `_id`; to learn of changes for all citizens, make a Subscription',
    })
  }
  return { ...search, self: understood.size > 0 ? `?${understood}` : '', question: question.toString() }
}

const NOTHING_ASKED = {
  clauses: [],
  lastUpdated: [],
  date: [],
  includes: [],
  count: LIST_COUNT,
  order: 'newest',
  self: '',
  question: '',
} as const satisfies Omit<Search, 'resourceType'>

/** Which citizen, and where on the list: not what is asked. */
const ABOUT_PLACE: ReadonlySet<string> = new Set(['patient', 'subject', '_cursor'])

/** https://hl7.org/fhir/R4/search.html#summary */
function refuseTogether({ summary, elements, includes }: Search): void {
  if (summary && elements) throw invalid('_elements', 'ask for `_summary` or for `_elements`, not for both')
  if (summary === 'text' && includes.length > 0)
    throw invalid('_summary', '`text` goes with no `_include` and no `_revinclude`')
}

function readParameter(search: Search, call: Call, name: string, value: string): Search | undefined {
  if (name === 'patient' || name === 'subject')
    return withSubject(search, { subjectId: subjectIdOf(name, value) })
  if (IDENTIFIER_PARAMETERS.has(name))
    return withSubject(search, { nationalId: nationalIdOf(call, name, value) })
  if (value.split(',', MAX_VALUES + 1).length > MAX_VALUES)
    throw invalid(name, `at most ${MAX_VALUES} values are read`)
  if (name === '_id') return { ...search, ids: bothOf(search.ids, idsOf(value)) }
  if (name === '_lastUpdated')
    return { ...search, lastUpdated: [...search.lastUpdated, datesOf(name, value)] }
  if (name === 'date' && hasDate(search.resourceType))
    return { ...search, date: [...search.date, datesOf(name, value)] }
  const found = readResult(search, call, name, value)
  if (found) return found
  if (searchParametersOf(search.resourceType).includes(name)) {
    if (name === 'identifier' && asksByNationalId(value))
      throw invalid(name, 'no resource is found by a person’s national id: name the citizen by `patient`')
    return { ...search, clauses: [...search.clauses, clauseOf(name, value)] }
  }
  return undefined
}

function withSubject(search: Search, subject: NamedSubject): Search {
  if (search.subject) throw invalid('patient', 'name one citizen, once')
  return { ...search, subject }
}

function subjectIdOf(name: string, value: string): string {
  const id = value.replace(/^Patient\//, '')
  if (!isUuid(id)) {
    throw invalid(
      name,
      'a `Patient/…` reference from an earlier answer is needed; to ask by national id, POST `patient.identifier` to `_search`',
    )
  }
  return id
}

/** Promise: national ids never stand in a URL, where proxies and logs would keep them. */
function nationalIdOf({ queryInUrl }: Call, name: string, value: string) {
  if (queryInUrl) {
    throw invalid(
      name,
      'a national id must not stand in a URL: send it in the form body of `POST …/_search`, and treat this one as logged',
    )
  }
  const at = value.indexOf('|')
  if (at < 1) throw invalid(name, 'write it as `system|value`, for CPR `urn:oid:1.2.208.176.1.2|…`')
  return readPersonIdentifier(value.slice(0, at), value.slice(at + 1), name)
}

function idsOf(value: string): string[] {
  // An id of another shape exists nowhere: it matches nothing, as an unknown id does.
  return value.split(',').filter((id) => isUuid(id))
}

/** https://hl7.org/fhir/R4/search.html#combining: a repeated parameter means AND. */
function bothOf(known: readonly string[] | undefined, asked: readonly string[]): readonly string[] {
  return known ? known.filter((id) => asked.includes(id)) : asked
}

/** Commas mean OR, repetition AND. https://hl7.org/fhir/R4/search.html#date */
function datesOf(name: string, value: string): DateClauses[number] {
  return value.split(',').map((text) => {
    const term = readDateTerm(text)
    if (term) return term
    throw invalid(
      name,
      'write one of eq, ne, gt, lt, ge, le, sa, eb or no prefix, and a date, or an instant with its zone, such as `ge2026-01-31T00:00:00Z`',
    )
  })
}

/** How much comes back, and in which order. */
function readResult(search: Search, call: Call, name: string, value: string): Search | undefined {
  const { resourceType } = search
  if (name === '_include' || name === '_revinclude')
    return { ...search, includes: [...search.includes, readInclude(resourceType, name, value)] }
  const once = (part: Partial<Search>): Search => {
    if (call.query.getAll(name).length > 1) throw invalid(name, 'send it once')
    return { ...search, ...part }
  }
  switch (name) {
    case '_count':
      return once({ count: readCount(value, LIST_COUNT) })
    case '_cursor':
      return once({ cursor: value })
    case '_sort':
      return once({ order: readOrder(resourceType, value) })
    case '_summary':
      return once(readSummary(value))
    case '_elements':
      return once({ elements: readElements(resourceType, value) })
    default:
      if (refused(name, value)) throw invalid(name.replace(/:.*/, ''), refused(name, value) ?? '')
      return name === '_total' ? once({}) : undefined
  }
}

function unknown(resourceType: HeldType, name: string): GatewayError {
  const own = searchParametersOf(resourceType)
  const known = [...everyType, ...(hasDate(resourceType) ? ['date'] : []), ...own]
  return new GatewayError({
    code: 'parameter-unknown',
    ...(/^[A-Za-z_:.-]{1,40}$/.test(name) ? { expression: name } : {}),
    text: `this parameter is not known for ${resourceType}; known are ${known.join(', ')}. To have it ignored send \`Prefer: handling=lenient\``,
  })
}

function invalid(expression: string, text: string): GatewayError {
  return new GatewayError({ code: 'parameter-invalid', text, ...(expression ? { expression } : {}) })
}
