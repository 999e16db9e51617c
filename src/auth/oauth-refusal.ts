/**
 * Every way in which the token endpoint refuses: the status and error of RFC 6749 section 5.2 for the client, the key of
 * the row for the audit log. https://www.rfc-editor.org/rfc/rfc6749#section-5.2
 */
export const refusals = {
  'parameter-missing': { status: 400, error: 'invalid_request' },
  'parameter-repeated': { status: 400, error: 'invalid_request' },
  'two-authentications': { status: 400, error: 'invalid_request' },
  'grant-unsupported': { status: 400, error: 'unsupported_grant_type' },
  'assertion-type-unsupported': { status: 401, error: 'invalid_client' },
  'assertion-unreadable': { status: 401, error: 'invalid_client' },
  'assertion-header': { status: 401, error: 'invalid_client' },
  'assertion-algorithm': { status: 401, error: 'invalid_client' },
  'assertion-kid': { status: 401, error: 'invalid_client' },
  'assertion-issuer': { status: 401, error: 'invalid_client' },
  'assertion-audience': { status: 401, error: 'invalid_client' },
  'assertion-lifetime': { status: 401, error: 'invalid_client' },
  'assertion-jti': { status: 401, error: 'invalid_client' },
  'client-id-differs': { status: 401, error: 'invalid_client' },
  // The next seven look the same from outside: an answer must not tell who is registered.
  'client-unknown': { status: 401, error: 'invalid_client' },
  'client-disabled': { status: 401, error: 'invalid_client' },
  'address-not-allowed': { status: 401, error: 'invalid_client' },
  'algorithm-not-registered': { status: 401, error: 'invalid_client' },
  'keys-unavailable': { status: 401, error: 'invalid_client' },
  'key-unknown': { status: 401, error: 'invalid_client' },
  'signature-invalid': { status: 401, error: 'invalid_client' },
  'assertion-replayed': { status: 401, error: 'invalid_client' },
  // https://hl7.org/fhir/us/udap-security/b2b.html: what the assertion says of its purpose is wrong.
  'b2b-missing': { status: 400, error: 'invalid_grant' },
  'b2b-invalid': { status: 400, error: 'invalid_grant' },
  'b2b-organization': { status: 400, error: 'invalid_grant' },
  'b2b-purpose': { status: 400, error: 'invalid_grant' },
  'b2b-unsupported': { status: 400, error: 'invalid_grant' },
  // https://www.rfc-editor.org/rfc/rfc9449#section-5
  'proof-missing': { status: 400, error: 'invalid_dpop_proof' },
  'proof-invalid': { status: 400, error: 'invalid_dpop_proof' },
  'proof-replayed': { status: 400, error: 'invalid_dpop_proof' },
  'proof-unsupported': { status: 400, error: 'invalid_request' },
  'scope-malformed': { status: 400, error: 'invalid_scope' },
  'scope-not-granted': { status: 400, error: 'invalid_scope' },
} as const satisfies Record<string, { status: 400 | 401; error: string }>

export type RefusalReason = keyof typeof refusals

export class OAuthRefusal extends Error {
  override readonly name = 'OAuthRefusal'
  readonly reason: RefusalReason
  /** Printable ASCII without `"` and `\`, as section 5.2 demands; never text that the client sent. */
  readonly description: string
  /** The registered client that the assertion names, proven or not; absent when none was looked up or found. */
  readonly claimedClientId: string | undefined

  constructor(reason: RefusalReason, description: string, claimedClientId?: string) {
    super(`${reason}: ${description}`)
    this.reason = reason
    this.description = description
    this.claimedClientId = claimedClientId
  }
}
