/** One attack: what is sent, and the refusal that it must get. */
import type { ErrorCode } from '#fhir/gateway-error.ts'

export interface Attack {
  readonly title: string
  readonly method?: string
  readonly path: string
  readonly type?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array<ArrayBuffer>
  /** Without one: the token of a client that may send all of this. */
  readonly authorization?: string
  readonly code: ErrorCode
}

/** Stands in every attack that has room for it: none of it may come back, or be logged. */
export const CANARY = 'kanariefugl'
