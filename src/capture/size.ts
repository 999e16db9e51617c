/**
 * How large a consent may be, and how many one organisation may hold of a citizen. Every decision about the citizen reads
 * all of them, whoever sent them in: what one sender may add must not be able to stop the others.
 */
import type { Consent } from '@medplum/fhirtypes'
import { type Fault } from '#fhir/gateway-error.ts'

/** Characters of JSON. A consent of every kind and recipient that our sectors know has some 5,000. */
export const MAX_CONSENT_CHARS = 100_000

export const MAX_CONSENTS = 500

export function sizeFaults(consent: Consent): Fault[] {
  if (JSON.stringify(consent).length <= MAX_CONSENT_CHARS) return []
  const text = `the consent is larger than ${MAX_CONSENT_CHARS} characters of JSON: say it in fewer provisions, and keep documents where they are`
  return [{ code: 'field-invalid', expression: 'Consent', text }]
}

/** Of any status: which of them count is only known once they are read. */
export function countFaults(held: number, added: number): Fault[] {
  if (added === 0 || held + added <= MAX_CONSENTS) return []
  const text = `your organisation holds ${held} consents of this citizen, and at most ${MAX_CONSENTS} are taken: update one of those`
  return [{ code: 'field-invalid', expression: 'Consent', text }]
}
