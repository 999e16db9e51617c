/** Why the embedded PostgreSQL cannot run; the text is one sentence that says what to do. */
export type EmbeddedErrorCode =
  | 'already-running'
  | 'unsupported-platform'
  | 'no-binaries'
  | 'cannot-run'
  | 'not-owner'
  | 'folder-in-use'
  | 'initdb-failed'
  | 'start-failed'

export class EmbeddedError extends Error {
  override readonly name = 'EmbeddedError'
  readonly code: EmbeddedErrorCode

  constructor(code: EmbeddedErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
  }
}

/** The code of a failed system call, such as `EACCES`; undefined for any other value. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
