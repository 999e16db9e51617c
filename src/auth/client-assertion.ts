import { compactVerify } from 'jose'
import type { JSONWebKeySet, JWK } from 'jose'
import type { AssertionAudiences, AssertionClaims } from './assertion-policy.ts'
import { CLOCK_TOLERANCE_S, readAssertion } from './assertion-policy.ts'
import { holdToProfile } from './assertion-profile.ts'
import { isAllowedAddress } from './address-range.ts'
import { findClientKey } from './client-keys.ts'
import type { Client, ClientStore } from './client.ts'
import { dummyKeys } from './dummy-keys.ts'
import type { RefusalReason } from './oauth-refusal.ts'
import { OAuthRefusal } from './oauth-refusal.ts'
import { algorithmsOf } from './profiles.ts'

/** The keys of a client's registration: by value, or from where it publishes them. Undefined when they cannot be had. */
export type ClientKeySource = (client: Client, kid: string) => Promise<JSONWebKeySet | undefined>

export interface AssertionContext extends AssertionAudiences {
  /** The form's `client_id`, if it had one. */
  readonly expectedClientId: string | undefined
  /** Where the request came from; without one, a client that is bound to addresses is refused. */
  readonly address?: string | undefined
  readonly now: Date
  readonly clients: Pick<ClientStore, 'findClient' | 'spendAssertion'>
  readonly keysOf: ClientKeySource
}

export interface Authenticated {
  readonly client: Client
  readonly claims: AssertionClaims
}

/**
 * `private_key_jwt` by the client's profile: the client that signed the assertion, or an `OAuthRefusal`.
 * https://hl7.org/fhir/smart-app-launch/STU2.2/client-confidential-asymmetric.html
 * What holds for all comes first because it costs nothing, the signature second, then the profile, which is told only to
 * the owner of the key; the `jti` is spent last, so that only its owner can spend it.
 */
export async function authenticateClient(
  assertion: string,
  context: AssertionContext,
): Promise<Authenticated> {
  const claims = readAssertion(assertion, context, context.now)
  // https://www.rfc-editor.org/rfc/rfc7521#section-4.2: it must identify the same client as the assertion.
  if (context.expectedClientId !== undefined && context.expectedClientId !== claims.clientId) {
    const text = "the form's `client_id` is not the `sub` of the assertion: send the same or leave it out"
    throw new OAuthRefusal('client-id-differs', text)
  }
  const client = await proveClient(assertion, claims, context)
  holdToProfile(claims, client, context, context.now)
  // Kept for twice the tolerance, so that the row outlives the assertion even when the database's clock runs ahead.
  const expiresAt = new Date((claims.exp + 2 * CLOCK_TOLERANCE_S) * 1000)
  if (!(await context.clients.spendAssertion(client.id, claims.jti, expiresAt))) {
    const text = 'this `jti` was used before: make a new assertion with a new `jti` for every request'
    throw new OAuthRefusal('assertion-replayed', text, client.id)
  }
  return { client, claims }
}

/** One verification on every path, and one answer for every failure. */
async function proveClient(
  assertion: string,
  claims: AssertionClaims,
  { clients, keysOf, address = '' }: AssertionContext,
): Promise<Client> {
  const client = await clients.findClient(claims.clientId)
  const registered = client?.id === claims.clientId ? client : undefined
  const may = registered !== undefined && algorithmsOf(registered).includes(claims.alg)
  // Of a disabled client and under an algorithm that is not its own, nothing is fetched.
  const keys = may && !registered.disabled ? await keysOf(registered, claims.kid) : registered?.jwks
  const key = may && keys !== undefined ? findClientKey(keys, claims.kid, claims.alg) : undefined
  const signed = await isSigned(assertion, key ?? dummyKeys[claims.alg], claims)
  if (registered === undefined) throw unrecognised('client-unknown')
  if (!may) throw unrecognised('algorithm-not-registered', registered.id)
  if (keys === undefined) throw unrecognised('keys-unavailable', registered.id)
  if (key === undefined) throw unrecognised('key-unknown', registered.id)
  if (!signed) throw unrecognised('signature-invalid', registered.id)
  if (registered.disabled) throw unrecognised('client-disabled', registered.id)
  if (!isAllowedAddress(registered.addressRanges ?? [], address))
    throw unrecognised('address-not-allowed', registered.id)
  return registered
}

async function isSigned(assertion: string, key: JWK, { alg }: AssertionClaims): Promise<boolean> {
  try {
    await compactVerify(assertion, key, { algorithms: [alg] })
    return true
  } catch {
    // A damaged signature and a damaged registered key alike prove nothing.
    return false
  }
}

function unrecognised(reason: RefusalReason, claimedClientId?: string): OAuthRefusal {
  const text =
    'the assertion is not from an active client of this gateway: check that the client id, the `kid`, the `alg` and the registered public key belong together, and that keys published by URL can be read'
  return new OAuthRefusal(reason, text, claimedClientId)
}
