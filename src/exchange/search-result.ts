/** How much of what is found comes back, and in which order. https://hl7.org/fhir/R4/search.html#return */
import { elementNames } from '#fhir/element-names.ts'
import { GatewayError } from '#fhir/gateway-error.ts'
import { hasDate, type HeldType } from '#fhir/held-types.ts'
import type { Order } from '#store/search-resources.ts'

export interface SearchResult {
  readonly order: Order
  readonly summary?: 'true' | 'text' | 'data'
  readonly elements?: readonly string[]
}

const orders: ReadonlyMap<string, Order> = new Map([
  ['_lastUpdated', 'oldest'],
  ['-_lastUpdated', 'newest'],
  ['date', 'date'],
  ['-date', '-date'],
])

export function readOrder(type: HeldType, value: string): Order {
  const order = orders.get(value)
  if (order && (hasDate(type) || !value.endsWith('date'))) return order
  const known = [...orders.keys()].filter((each) => hasDate(type) || !each.endsWith('date'))
  throw invalid('_sort', `${type} is sorted by one of ${known.map((each) => `\`${each}\``).join(', ')}`)
}

export function readSummary(value: string): Pick<SearchResult, 'summary'> {
  if (value === 'false') return {}
  if (value === 'true' || value === 'text' || value === 'data') return { summary: value }
  throw invalid(
    '_summary',
    value === 'count'
      ? 'there is no `count`: it would count what you may not see, or cost a decision for each record; ask for a page'
      : 'send one of `true`, `text`, `data` and `false`',
  )
}

const MAX_ELEMENTS = 50

export function readElements(type: HeldType, value: string): readonly string[] {
  const names = value.split(',', MAX_ELEMENTS + 1).map((name) => name.replace(new RegExp(`^${type}\\.`), ''))
  const known = elementNames(type)
  if (names.length <= MAX_ELEMENTS && names.every((name) => known.has(name))) return names
  throw invalid(
    '_elements',
    `name elements of ${type} as R4 does, at most ${MAX_ELEMENTS} and none inside another, separated by commas`,
  )
}

/** What R4 knows and this gateway does not do: ignored, it would answer another question, also to who is lenient. */
const REFUSED: Readonly<Record<string, string>> = {
  _has: 'records are not found by what points to them: ask for that, and take `_include`',
  _filter: 'there are no expressions: send each condition as a parameter',
  _text: 'narratives are made for each reader and not searched: ask by code',
  _content: 'content is not searched as text: ask by code',
  _list: 'there are no lists to ask by: send `_id`',
  _query: 'there are no named queries: send parameters',
  _contained: 'contained resources come with what holds them, and are not found by themselves',
  _containedType: 'contained resources come with what holds them, and are not found by themselves',
  _security: 'labels are what is decided by, and nothing is found by them',
}

/** Why, for a parameter that is never served. */
export function refused(name: string, value: string): string | undefined {
  if (name === '_total' && value !== 'none')
    return 'there is no total: it would count what you may not see, or cost a decision for each record'
  const [own = '', modifier] = name.split(':')
  if (Object.hasOwn(REFUSED, own)) return REFUSED[own]
  if ((own === '_include' || own === '_revinclude') && modifier !== undefined)
    return 'what is included is not followed further: ask for it in a request of its own'
  return undefined
}

function invalid(expression: string, text: string): GatewayError {
  return new GatewayError({ code: 'parameter-invalid', expression, text })
}
