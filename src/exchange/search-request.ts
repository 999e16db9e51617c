/** A query, read strictly: a filter that were ignored would answer more than was asked for. */
import { GatewayError } from '#fhir/gateway-error.ts'
import { type HeldType, isHeldType } from '#fhir/held-types.ts'
import { readPersonIdentifier } from '#fhir/person-identifier.ts'
import { clauseOf, searchParametersOf } from '#fhir/search-parameters.ts'
import type { NamedSubject } from '#intake/subject.ts'
import { isUuid } from './is-uuid.ts'
import type { Call } from './call.ts'
import { type DateBounds, narrowed, readDateBound } from './date-bound.ts'

export interface Search {
  readonly resourceType: HeldType
  readonly subject?: NamedSubject
  readonly ids?: readonly string[]
  readonly clauses: readonly (readonly string[])[]
  readonly lastUpdated: DateBounds
  /** The query as it was understood, without national ids: goes into `Bundle.link`. */
  readonly self: string
}

const IDENTIFIER_PARAMETERS: ReadonlySet<string> = new Set([
  'patient.identifier',
  'patient:identifier',
  'subject.identifier',
  'subject:identifier',
])
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
  let search: Search = { resourceType, clauses: [], lastUpdated: {}, self: '' }
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
    if (!IDENTIFIER_PARAMETERS.has(name))
      understood.append(name, name === '_id' ? idsOf(value).join() : value)
  }
  if (search.clauses.flat().length > MAX_VALUES_IN_ALL)
    throw invalid('', `at most ${MAX_VALUES_IN_ALL} values are read in all parameters together`)
  if (!search.subject && !search.ids) {
    throw new GatewayError({
      code: 'search-too-wide',
      text: 'name one citizen with `patient`, or resources with `_id`; to learn of changes for all citizens, make a Subscription',
    })
  }
  return { ...search, self: understood.size > 0 ? `?${understood}` : '' }
}

function readParameter(search: Search, call: Call, name: string, value: string): Search | undefined {
  if (name === 'patient' || name === 'subject')
    return withSubject(search, { subjectId: subjectIdOf(name, value) })
  if (IDENTIFIER_PARAMETERS.has(name))
    return withSubject(search, { nationalId: nationalIdOf(call, name, value) })
  if (value.split(',', MAX_VALUES + 1).length > MAX_VALUES)
    throw invalid(name, `at most ${MAX_VALUES} values are read`)
  if (name === '_id') return { ...search, ids: bothOf(search.ids, idsOf(value)) }
  if (name === '_lastUpdated') return { ...search, lastUpdated: narrowed(search.lastUpdated, boundOf(value)) }
  if (searchParametersOf(search.resourceType).includes(name)) {
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

function boundOf(value: string): DateBounds {
  const bound = readDateBound(value)
  if (bound) return bound
  throw invalid(
    '_lastUpdated',
    'write a prefix ge, gt, le or lt and a date, or an instant with its zone, such as `ge2026-01-31T00:00:00Z`',
  )
}

/**
 * https://hl7.org/fhir/R4/search.html#errors: only a client that asks for it gets unknown parameters ignored. An unknown
 * modifier is refused all the same (#modifiers): ignored, it would answer the opposite of `:not`.
 */
function isLenient({ header }: Call): boolean {
  return /(^|[,;\s])handling=lenient($|[,;\s])/.test(header('prefer') ?? '')
}

function unknown(resourceType: HeldType, name: string): GatewayError {
  const own = searchParametersOf(resourceType)
  const known = ['patient', 'patient.identifier', '_id', '_lastUpdated', ...own]
  return new GatewayError({
    code: 'parameter-unknown',
    ...(/^[A-Za-z_:.-]{1,40}$/.test(name) ? { expression: name } : {}),
    text: `this parameter is not known for ${resourceType}; known are ${known.join(', ')}. To have it ignored send \`Prefer: handling=lenient\``,
  })
}

function invalid(expression: string, text: string): GatewayError {
  return new GatewayError({ code: 'parameter-invalid', text, ...(expression ? { expression } : {}) })
}
