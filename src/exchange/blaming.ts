/** Of a transaction, the entry that it failed for: `Bundle.entry[3].resource.status`. */
import { GatewayError } from '#fhir/gateway-error.ts'
import type { EntryRequest } from './bundle-request.ts'

export async function blaming<T>(
  { index }: Pick<EntryRequest, 'index'>,
  work: () => T | Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof GatewayError) || error.status >= 500) throw error
    const [first, ...rest] = error.faults.map((fault) => ({
      ...fault,
      expression: placeIn(`Bundle.entry[${index}]`, fault.expression),
    }))
    throw first ? new GatewayError([first, ...rest], { cause: error }) : error
  }
}

const IN_REQUEST: ReadonlyMap<string, string> = new Map([
  ['http:If-Match', 'ifMatch'],
  ['http:If-None-Match', 'ifNoneMatch'],
  ['http:If-None-Exist', 'ifNoneExist'],
  ['url', 'url'],
  ['id', 'url'],
])

function placeIn(entry: string, expression: string | undefined): string {
  if (expression === undefined || expression.startsWith('/')) return entry
  if (expression.startsWith('Bundle.')) return expression
  const inRequest = IN_REQUEST.get(expression)
  if (inRequest !== undefined) return `${entry}.request.${inRequest}`
  const [, inside] = /^[A-Z][A-Za-z]+\.(.+)$/.exec(expression) ?? []
  return inside === undefined ? `${entry}.resource` : `${entry}.resource.${inside}`
}
