import { expect, test } from 'vitest'
import { smartConfiguration } from '#auth/smart-configuration.ts'
import { TOKEN_URL } from './forge.ts'

// https://hl7.org/fhir/smart-app-launch/STU2.2/conformance.html, and its own example of a backend service.
test('smart-configuration claims what the token endpoint does, and no more', () => {
  expect(smartConfiguration(TOKEN_URL, ['system/CarePlan.cruds'])).toEqual({
    token_endpoint: 'https://sluse.example/oauth/token',
    token_endpoint_auth_methods_supported: ['private_key_jwt'],
    token_endpoint_auth_signing_alg_values_supported: ['RS384', 'ES384', 'ES256', 'RS256', 'PS256'],
    grant_types_supported: ['client_credentials'],
    scopes_supported: ['system/CarePlan.cruds'],
    capabilities: ['client-confidential-asymmetric', 'permission-v2', 'permission-v1'],
  })
})
