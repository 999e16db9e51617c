import { compactVerify } from 'jose'
import type { JWK } from 'jose'
import type { AssertionClaims } from './assertion-policy.ts'
import { CLOCK_TOLERANCE_S, readAssertion } from './assertion-policy.ts'
import { findClientKey } from './client-keys.ts'
import type { Client, ClientStore } from './client.ts'
import { dummyKeys } from './dummy-keys.ts'
import type { RefusalReason } from './oauth-refusal.ts'
import { OAuthRefusal } from './oauth-refusal.ts'

export interface AssertionContext {
  readonly tokenUrl: string
  /** The form's `client_id`, if it had one. */
  readonly expectedClientId: string | undefined
  readonly now: Date
  readonly clients: ClientStore
}

/**
 * `private_key_jwt` of SMART Backend Services: the client that signed the assertion, or an `OAuthRefusal`.
 * https://hl7.org/fhir/smart-app-launch/STU2.2/client-confidential-asymmetric.html
 * Policy comes first because it costs nothing, the signature second, and the `jti` is spent last: only its owner can.
 */
export async function authenticateClient(assertion: string, context: AssertionContext): Promise<Client> {
  const claims = readAssertion(assertion, context.tokenUrl, context.now)
  // https://www.rfc-editor.org/rfc/rfc7521#section-4.2: it must identify the same client as the assertion.
  if (context.expectedClientId !== undefined && context.expectedClientId !== claims.clientId) {
    const text = "the form's `client_id` is not the `sub` of the assertion: send the same or leave it out"
    throw new OAuthRefusal('client-id-differs', text)
  }
  const client = await proveClient(assertion, claims, await context.clients.findClient(claims.clientId))
  // Kept for twice the tolerance, so that the row outlives the assertion even when the database's clock runs ahead.
  const expiresAt = new Date((claims.exp + 2 * CLOCK_TOLERANCE_S) * 1000)
  if (!(await context.clients.spendAssertion(client.id, claims.jti, expiresAt))) {
    const text = 'this `jti` was used before: make a new assertion with a new `jti` for every request'
    throw new OAuthRefusal('assertion-replayed', text, client.id)
  }
  return client
}

/** One verification on every path, and one answer for every failure. */
async function proveClient(
  assertion: string,
  claims: AssertionClaims,
  client: Client | undefined,
): Promise<Client> {
  const registered = client?.id === claims.clientId ? client : undefined
  const key = registered && findClientKey(registered.jwks, claims.kid, claims.alg)
  const signed = await isSigned(assertion, key ?? dummyKeys[claims.alg], claims)
  if (registered === undefined) throw unrecognised('client-unknown')
  if (key === undefined) throw unrecognised('key-unknown', registered.id)
  if (!signed) throw unrecognised('signature-invalid', registered.id)
  if (registered.disabled) throw unrecognised('client-disabled', registered.id)
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
    'the assertion is not from an active client of this gateway: check that the client id, the `kid` and the registered public key belong together'
  return new OAuthRefusal(reason, text, claimedClientId)
}
