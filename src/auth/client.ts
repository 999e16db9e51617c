import type { JSONWebKeySet } from 'jose'

/**
 * A registered client: everything that Sluse believes about a system that calls it. A request never says whom it acts
 * for: organisation, sector and purposes come from here, so that one organisation cannot act as another.
 */
export interface Client {
  readonly id: string
  readonly organizationId: string
  readonly sector: 'hospital' | 'municipality' | 'gp' | 'oversight'
  /** Which rules its assertions follow. One value today: the next profile adds a value, not a switch. */
  readonly profile: 'smart'
  /** Public keys by value, checked by `readClientKeys` before they are stored. */
  readonly jwks: JSONWebKeySet
  readonly scopes: readonly string[]
  /** http://terminology.hl7.org/CodeSystem/v3-ActReason codes that the client may act for. */
  readonly purposeOfUse: readonly string[]
  readonly disabled: boolean
}

/** What authorisation needs from the database. */
export interface ClientStore {
  findClient(id: string): Promise<Client | undefined>
  /**
   * True when this client had not used the `jti` before. One atomic insert, so that of two gateways only one is told
   * true; the row may go once `expiresAt` has passed by the database's clock.
   */
  spendAssertion(clientId: string, jti: string, expiresAt: Date): Promise<boolean>
}
