import { assertionAlgorithms } from './algorithms.ts'

/**
 * `/.well-known/smart-configuration`. https://hl7.org/fhir/smart-app-launch/STU2.2/conformance.html
 * It tells what is there: no authorization endpoint, no PKCE methods and no issuer, since no person logs in here.
 */
export function smartConfiguration(tokenUrl: string, scopes: readonly string[]): object {
  return {
    token_endpoint: tokenUrl,
    token_endpoint_auth_methods_supported: ['private_key_jwt'],
    token_endpoint_auth_signing_alg_values_supported: assertionAlgorithms,
    grant_types_supported: ['client_credentials'],
    scopes_supported: scopes,
    capabilities: ['client-confidential-asymmetric', 'permission-v2', 'permission-v1'],
  }
}
