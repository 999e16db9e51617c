/** The Bundle of a batch or a transaction, as requests. https://hl7.org/fhir/R4/http.html#transaction */
import type { Resource } from '@medplum/fhirtypes'
import { describe, describeCode, GatewayError } from '#fhir/gateway-error.ts'
import type { Call } from './call.ts'
import { readResourceBody } from './resource-body.ts'

export interface EntryRequest {
  /** In the Bundle. */
  readonly index: number
  readonly method: string
  /** Below `/fhir`. */
  readonly path: string
  readonly query: URLSearchParams
  readonly fullUrl: string | undefined
  readonly resource: Resource | undefined
  /** By name, in lower case. */
  readonly headers: ReadonlyMap<string, string>
}

export interface BundleRequest {
  readonly type: 'batch' | 'transaction'
  readonly entries: readonly EntryRequest[]
}

/** Each may be a write of its own. */
const MAX_IN_BATCH = 100
/** All of them hold their locks until the last is done. */
const MAX_IN_TRANSACTION = 50
const MAX_URL_CHARS = 2048
/** A type, perhaps an id and what is behind it; never an address, so that nothing leads elsewhere. */
const RELATIVE = /^([A-Z][A-Za-z]{1,63}(?:\/[A-Za-z0-9$_][A-Za-z0-9$_.-]{0,63}){0,3})(?:\?([^#]*))?$/
const HEADERS = [
  ['ifMatch', 'if-match'],
  ['ifNoneMatch', 'if-none-match'],
  ['ifNoneExist', 'if-none-exist'],
] as const

export function readBundle(call: Pick<Call, 'body'>): BundleRequest {
  const bundle: Readonly<Record<string, unknown>> = {
    ...readResourceBody({ resourceType: 'Bundle', body: call.body }),
  }
  const { type, entry = [] } = bundle
  if (type !== 'batch' && type !== 'transaction')
    throw refused('Bundle.type', `found ${describeCode(type)}; this address takes batch and transaction`)
  if (!Array.isArray(entry)) throw refused('Bundle.entry', `found ${describe(entry)}; send a list`)
  const most = type === 'batch' ? MAX_IN_BATCH : MAX_IN_TRANSACTION
  if (entry.length > most)
    throw refused(
      'Bundle.entry',
      `found ${entry.length} entries; a ${type} has at most ${most}: send it in parts`,
    )
  return { type, entries: entry.map((each: unknown, index) => readEntry(each, index)) }
}

function readEntry(value: unknown, index: number): EntryRequest {
  const place = `Bundle.entry[${index}]`
  if (!isObject(value) || !isObject(value['request']))
    throw refused(`${place}.request`, 'each entry says by `request` what is asked for')
  const { fullUrl, resource, request } = value
  const { method, url } = request
  if (typeof method !== 'string')
    throw refused(
      `${place}.request.method`,
      `found ${describe(method)}; send one of GET, POST, PUT, PATCH, DELETE`,
    )
  const isShort = typeof url === 'string' && url.length <= MAX_URL_CHARS
  const [, path, query = ''] = (isShort ? RELATIVE.exec(url) : undefined) ?? []
  if (path === undefined)
    throw refused(
      `${place}.request.url`,
      'write it below the address of this Bundle, such as `CarePlan/<id>` or `CarePlan?patient=<id>`',
    )
  if (resource !== undefined && !isObject(resource))
    throw refused(`${place}.resource`, `found ${describe(resource)}; send a resource`)
  if (isObject(resource) && resource['resourceType'] === 'Bundle')
    throw refused(`${place}.resource`, 'a Bundle in a Bundle is not taken: send its entries by themselves')
  return {
    index,
    method,
    path: `/${path}`,
    query: new URLSearchParams(query),
    fullUrl: typeof fullUrl === 'string' ? fullUrl : undefined,
    resource: resource as Resource | undefined,
    headers: new Map(HEADERS.flatMap(([name, header]) => headerOf(request, name, header, place))),
  }
}

function headerOf(
  request: object,
  name: string,
  header: string,
  place: string,
): readonly (readonly [string, string])[] {
  const value: unknown = Reflect.get(request, name)
  if (value === undefined) return []
  if (typeof value !== 'string')
    throw refused(`${place}.request.${name}`, `found ${describe(value)}; send a string`)
  return [[header, value]]
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function refused(expression: string, text: string): GatewayError {
  return new GatewayError({ code: 'field-invalid', expression, text })
}
