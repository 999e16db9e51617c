import type { Organization, SensitiveUnits } from '#store/organizations.ts'

/** Who sent it, and under which request: taken from the token, never from the body. */
export interface Origin {
  readonly clientId: string
  readonly organization: Organization
  /** Of all organisations: to name one of them in a record gives the illness away. */
  readonly sensitiveUnits: SensitiveUnits
  readonly purposeOfUse: readonly string[]
  readonly requestId: string
}
