/**
 * Why nothing, or nothing whole, came back from a recipient. The text names the host at most: a path or a header may
 * hold a secret of the recipient.
 */
export type EgressErrorCode =
  /** Our own rule: the URL, the address behind its name, or a header. Nothing was sent. */
  | 'blocked'
  /** The name has no address. Nothing was sent. */
  | 'dns'
  /** No connection. Nothing was sent. */
  | 'refused'
  /** No trusted connection. Nothing was sent. */
  | 'tls'
  /** Out of time; it may have arrived. */
  | 'timeout'
  /** The connection ended before the answer; it may have arrived. */
  | 'broken'
  /** The answer is not HTTP; it may have arrived. */
  | 'protocol'
  /** The head of the answer is beyond what we read; it may have arrived. */
  | 'too-large'
  /** We are shutting down. */
  | 'closed'

export class EgressError extends Error {
  override readonly name = 'EgressError'
  readonly code: EgressErrorCode

  constructor(code: EgressErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
  }
}
