import type { Organization } from '#store/organizations.ts'
import type { MayWrite } from './may-write.ts'

/** Who sent it, and under which request: taken from the token, never from the body. */
export interface Origin {
  readonly clientId: string
  readonly organization: Organization
  readonly purposeOfUse: readonly string[]
  readonly requestId: string
  /** Absent for messages of a sector, which need scopes without a query. */
  readonly mayWrite?: MayWrite
}
