/** Where the registry is, and what a registered client has to be told of the gateway. */
import type { Database } from '#store/database.ts'

export interface OpenRegistry {
  readonly database: Database
  /** Where the registered clients get their tokens. */
  readonly tokenUrl: string
  /** `http:` addresses, which only the sandbox's receivers have. */
  readonly allowHttp: boolean
  close(): Promise<void>
}
