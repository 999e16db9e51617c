/**
 * Where the next page of a list starts, as a text that tells nothing and that nobody else can use. The place may be that of
 * a record which the reader does not see. https://hl7.org/fhir/R4/http.html#paging
 */
import { createHash } from 'node:crypto'
import { GatewayError } from '#fhir/gateway-error.ts'
import type { Place } from '#store/place.ts'
import type { Seal } from '#store/seal.ts'
import type { Call } from './call.ts'
import { isUuid } from './is-uuid.ts'

export interface CursorUse extends Pick<Call, 'requester' | 'resourceType'> {
  readonly seal: Seal
  /** Everything that the list depends on, in one order: with another question the cursor is refused. */
  readonly question: readonly string[]
}

/** Of every cursor, so that its length tells nothing: the longest key has 32. */
const KEY_CHARS = 40

export function cursorTo({ key, id }: Place, use: CursorUse): string {
  if (key.length > KEY_CHARS) throw new Error(`a place of ${key.length} characters does not fit a cursor`)
  return use.seal.seal(boundTo(use), Buffer.from(`${id}${key.padEnd(KEY_CHARS)}`)).toString('base64url')
}

/** @throws GatewayError for one that was altered, belongs to another client or organisation, or to another question. */
export function readCursor(cursor: string | undefined, use: CursorUse): Place | undefined {
  if (cursor === undefined) return undefined
  const text = /^[\w-]{1,400}$/.test(cursor) ? opened(cursor, use) : ''
  const [id, key] = [text.slice(0, 36), text.slice(36).trimEnd()]
  if (isUuid(id)) return { id, key }
  throw new GatewayError({
    code: 'parameter-invalid',
    expression: '_cursor',
    text: 'follow the `next` link as it was given, with the same client; to ask something else, start again without `_cursor`',
  })
}

function opened(cursor: string, use: CursorUse): string {
  try {
    return use.seal.open(boundTo(use), Buffer.from(cursor, 'base64url')).toString()
  } catch {
    return ''
  }
}

function boundTo({ requester, resourceType, question }: CursorUse): string {
  const { clientId, organizationId } = requester
  const asked = JSON.stringify([clientId, organizationId, resourceType, ...question])
  return `cursor|${createHash('sha256').update(asked).digest('base64url')}`
}
