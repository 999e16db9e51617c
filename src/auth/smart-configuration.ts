import { assertionAlgorithms } from './algorithms.ts'
import { proofAlgorithms } from './dpop.ts'

export interface OAuthAddresses {
  readonly tokenUrl: string
  readonly introspectionUrl: string
  readonly revocationUrl: string
}

/** Under the gateway's base URL, absolute, as the documents name them. */
export function oauthAddresses(baseUrl: string): OAuthAddresses {
  return {
    tokenUrl: `${baseUrl}/oauth/token`,
    introspectionUrl: `${baseUrl}/oauth/introspect`,
    revocationUrl: `${baseUrl}/oauth/revoke`,
  }
}

/**
 * `/.well-known/smart-configuration`. https://hl7.org/fhir/smart-app-launch/STU2.2/conformance.html
 * It tells what is there: no authorization endpoint, no PKCE methods and no issuer, since no person logs in here.
 */
export function smartConfiguration(addresses: OAuthAddresses, scopes: readonly string[]): object {
  const authentication = {
    methods: ['private_key_jwt'],
    algorithms: assertionAlgorithms,
  }
  return {
    token_endpoint: addresses.tokenUrl,
    token_endpoint_auth_methods_supported: authentication.methods,
    token_endpoint_auth_signing_alg_values_supported: authentication.algorithms,
    introspection_endpoint: addresses.introspectionUrl,
    introspection_endpoint_auth_methods_supported: authentication.methods,
    introspection_endpoint_auth_signing_alg_values_supported: authentication.algorithms,
    revocation_endpoint: addresses.revocationUrl,
    revocation_endpoint_auth_methods_supported: authentication.methods,
    revocation_endpoint_auth_signing_alg_values_supported: authentication.algorithms,
    dpop_signing_alg_values_supported: proofAlgorithms,
    grant_types_supported: ['client_credentials'],
    scopes_supported: scopes,
    capabilities: ['client-confidential-asymmetric', 'permission-v2', 'permission-v1'],
  }
}
