import type { JSONWebKeySet } from 'jose'
import type { AssertionAlgorithm } from './algorithms.ts'
import type { ProfileName } from './profiles.ts'

/**
 * A registered client: everything that Sluse believes about a system that calls it. A request never says whom it acts
 * for: organisation, sector and purposes come from here, so that one organisation cannot act as another.
 */
export interface Client {
  readonly id: string
  readonly organizationId: string
  readonly sector: 'hospital' | 'municipality' | 'gp' | 'oversight'
  /** Which rules its assertions and tokens follow: `profiles.ts`. */
  readonly profile: ProfileName
  /** Algorithms beside the profile's own. */
  readonly assertionAlgorithms?: readonly AssertionAlgorithm[]
  /** Public keys by value, checked by `readClientKeys` before they are stored; none when they are elsewhere. */
  readonly jwks: JSONWebKeySet
  /** Where its keys are published. */
  readonly jwksUrl?: string
  /** The external issuer whose tokens it comes with. */
  readonly tokenIssuer?: string
  /** May ask about the tokens of other clients. */
  readonly resourceServer?: boolean
  readonly scopes: readonly string[]
  /** http://terminology.hl7.org/CodeSystem/v3-ActReason codes that the client may act for. */
  readonly purposeOfUse: readonly string[]
  /** Where it may come from, as CIDR; none: from anywhere. */
  readonly addressRanges?: readonly string[]
  readonly disabled: boolean
  /** Of its organisation, as the registry has them now: an assertion may name it by one. */
  readonly organizationIdentifiers?: readonly { readonly system: string; readonly value: string }[]
  /** Ids of tokens that it gave back and that have not ended. */
  readonly revokedTokens?: readonly string[]
}

/** What authorisation needs from the database. */
export interface ClientStore {
  findClient(id: string): Promise<Client | undefined>
  /**
   * True when this client had not used the `jti` before. One atomic insert, so that of two gateways only one is told
   * true; the row may go once `expiresAt` has passed by the database's clock.
   */
  spendAssertion(clientId: string, jti: string, expiresAt: Date): Promise<boolean>
  /** The same for a DPoP proof, by the thumbprint of the key that signed it. */
  spendProof(jkt: string, jti: string, expiresAt: Date): Promise<boolean>
}
