import { expect, test } from 'vitest'
import { oauthAddresses, smartConfiguration } from '#auth/smart-configuration.ts'
import { ISSUER } from './forge.ts'

const methods = ['private_key_jwt']
const algorithms = ['RS384', 'ES384', 'ES256', 'RS256', 'PS256']

// https://hl7.org/fhir/smart-app-launch/STU2.2/conformance.html, and its own example of a backend service.
test('smart-configuration claims what the endpoints do, and no more', () => {
  expect(smartConfiguration(oauthAddresses(ISSUER), ['system/CarePlan.cruds'])).toEqual({
    token_endpoint: 'https://sluse.example/oauth/token',
    token_endpoint_auth_methods_supported: methods,
    token_endpoint_auth_signing_alg_values_supported: algorithms,
    introspection_endpoint: 'https://sluse.example/oauth/introspect',
    introspection_endpoint_auth_methods_supported: methods,
    introspection_endpoint_auth_signing_alg_values_supported: algorithms,
    revocation_endpoint: 'https://sluse.example/oauth/revoke',
    revocation_endpoint_auth_methods_supported: methods,
    revocation_endpoint_auth_signing_alg_values_supported: algorithms,
    dpop_signing_alg_values_supported: ['PS256', 'ES256', 'ES384'],
    grant_types_supported: ['client_credentials'],
    scopes_supported: ['system/CarePlan.cruds'],
    capabilities: ['client-confidential-asymmetric', 'permission-v2', 'permission-v1'],
  })
})
