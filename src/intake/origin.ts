import type { Organization } from '#store/organizations.ts'

/** Who sent it, and under which request: taken from the token, never from the body. */
export interface Origin {
  readonly clientId: string
  readonly organization: Organization
  readonly purposeOfUse: readonly string[]
  readonly requestId: string
}
