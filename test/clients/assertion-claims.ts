/** The claims of a SMART client assertion, as each client's own signer gets them. */
import { randomUUID } from 'node:crypto'
import { type SandboxClient, sandboxOrganizations } from '#sandbox/identities.ts'

/** A system of the hospital's that may do everything its organisation may. */
export const vendor: SandboxClient = {
  id: 'vendor-ehr',
  organizationId: sandboxOrganizations.hospital.id,
  profile: 'smart',
  scopes: ['system/*.cruds'],
  purposeOfUse: ['TREAT'],
}

export function assertionClaims(clientId: string, tokenUrl: string) {
  const exp = Math.floor(Date.now() / 1000) + 240
  return { iss: clientId, sub: clientId, aud: tokenUrl, exp, jti: randomUUID() }
}

export function tokenForm(assertion: string, scope: string): Record<string, string> {
  return {
    grant_type: 'client_credentials',
    scope,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: assertion,
  }
}
