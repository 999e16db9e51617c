/** What is asked of the directory, read as strictly as a question about records. https://hl7.org/fhir/R4/practitionerrole.html#search */
import { GatewayError } from '#fhir/gateway-error.ts'
import { isNationalSystem } from '#fhir/national-system.ts'
import type { DirectoryQuery } from '#store/directory.ts'
import type { Call } from './call.ts'
import { folded } from './directory-terms.ts'
import { isLenient } from './handling.ts'
import { isUuid } from './is-uuid.ts'

/** How a value is compared: as a code or number, as a reference to a type, or as the beginning of a name. */
type Kind = 'token' | 'name' | { readonly to: string }

export const directoryParameters = {
  Organization: { identifier: 'token', name: 'name', type: 'token', partof: { to: 'Organization' } },
  Practitioner: { identifier: 'token', name: 'name', family: 'name', given: 'name' },
  PractitionerRole: {
    practitioner: { to: 'Practitioner' },
    organization: { to: 'Organization' },
    role: 'token',
    specialty: 'token',
  },
} as const satisfies Record<string, Readonly<Record<string, Kind>>>

export type DirectoryAsked = keyof typeof directoryParameters

const DEFAULT_COUNT = 20
const MAX_COUNT = 100
/** Of all parameters together: each is compared with each entry. */
const MAX_VALUES = 100

export interface DirectorySearch {
  readonly query: Omit<DirectoryQuery, 'limit'>
  readonly count: number
  /** As it was understood, without the place in the list. */
  readonly understood: URLSearchParams
}

export function readDirectorySearch(call: Call, type: DirectoryAsked): DirectorySearch {
  const parameters: ReadonlyMap<string, Kind> = new Map(Object.entries<Kind>(directoryParameters[type]))
  const asked: Asked = { clauses: [], names: [] }
  const understood = new URLSearchParams()
  for (const [name, value] of call.query) {
    if (name === '_count' || name === 'cursor') {
      if (call.query.getAll(name).length > 1) throw invalid(name, 'send it once')
      if (name === '_count') understood.set(name, value)
      continue
    }
    const kind = name === '_id' ? 'id' : parameters.get(name)
    if (kind === undefined) {
      if (isLenient(call) && !name.includes(':')) continue
      throw unknown(type, name)
    }
    add(asked, name, kind, valuesOf(name, value))
    understood.append(name, value)
  }
  if (asked.clauses.length + asked.names.length === 0 && asked.ids === undefined) {
    throw new GatewayError({
      code: 'search-too-wide',
      text: `name at least one of ${known(type).join(', ')}; the whole directory is not listed`,
    })
  }
  const after = call.query.get('cursor')
  if (after !== null && !isUuid(after))
    throw invalid('cursor', 'repeat the cursor of the `next` link as it was')
  return { query: { ...asked, ...(after ? { after } : {}) }, count: countAsked(call.query), understood }
}

interface Asked {
  ids?: readonly string[]
  readonly clauses: (readonly string[])[]
  readonly names: (readonly string[])[]
}

function add(asked: Asked, name: string, kind: Kind | 'id', values: readonly string[]): void {
  if (kind === 'id') {
    const ids = values.filter((id) => isUuid(id))
    asked.ids = asked.ids?.filter((id) => ids.includes(id)) ?? ids
  } else if (kind === 'name') {
    // `family` and `given` find among their own; `name` among all.
    asked.names.push(values.map((value) => (name === 'name' ? folded(value) : `${name}=${folded(value)}`)))
  } else if (kind === 'token') {
    asked.clauses.push(values.map((value) => `${name}=${value.startsWith('|') ? value.slice(1) : value}`))
  } else {
    asked.clauses.push(
      values.map((value) => `${name}=${value.startsWith(`${kind.to}/`) ? value : `${kind.to}/${value}`}`),
    )
  }
}

function valuesOf(name: string, value: string): readonly string[] {
  const values = value.split(',', MAX_VALUES + 1)
  if (values.length > MAX_VALUES) throw invalid(name, `at most ${MAX_VALUES} values are read`)
  if (values.some((each) => each === '')) throw invalid(name, 'a value is empty; leave it out')
  if (values.some((each) => isNationalSystem(each.split('|')[0] ?? ''))) {
    throw invalid(
      name,
      'staff are found by authorisation number; a national id is in no entry, and must not stand in a query: treat this one as logged',
    )
  }
  return values
}

function countAsked(query: URLSearchParams): number {
  const count = query.get('_count')
  if (count === null) return DEFAULT_COUNT
  if (/^[1-9]\d{0,2}$/.test(count) && Number(count) <= MAX_COUNT) return Number(count)
  throw invalid('_count', `ask for 1 to ${MAX_COUNT}`)
}

function known(type: DirectoryAsked): readonly string[] {
  return [...Object.keys(directoryParameters[type]), '_id']
}

function unknown(type: DirectoryAsked, name: string): GatewayError {
  return new GatewayError({
    code: 'parameter-unknown',
    ...(/^[A-Za-z_:.-]{1,40}$/.test(name) ? { expression: name } : {}),
    text: `this parameter is not known for ${type}; known are ${known(type).join(', ')}. To have it ignored send \`Prefer: handling=lenient\``,
  })
}

function invalid(expression: string, text: string): GatewayError {
  return new GatewayError({ code: 'parameter-invalid', expression, text })
}
