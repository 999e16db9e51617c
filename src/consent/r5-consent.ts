/** A Consent of R5 in the shape that R4 gives it, as far as the two say the same. https://hl7.org/fhir/R5/consent.html */
import { PARTICIPATION_SYSTEM } from '#label/code-system.ts'
import { type Faults, type Fields, malformed } from './element-reader.ts'

/**
 * R5 has the base in `decision`, the patient in `subject`, the period and the recipients beside them. Of its provisions
 * nobody can say whether each narrows the decision or is an exception from it, so they lift no deny, and beside a permit
 * they leave everything open. [our choice]
 */
export function asR4(consent: Fields, faults: Faults): Fields {
  const { decision, subject, period, grantee, provision } = consent
  if (decision === undefined) return consent
  const patient = consent['patient'] ?? subject
  if (provision !== undefined && !Array.isArray(provision)) return { ...consent, patient }
  if (provision !== undefined) malformed('Consent.provision', faults)
  if (provision !== undefined && decision !== 'deny') return { ...consent, patient }
  return {
    ...consent,
    patient,
    provision: {
      type: decision,
      ...(period !== undefined && { period }),
      ...(grantee !== undefined && { actor: recipientsIn(grantee) }),
    },
  }
}

function recipientsIn(grantee: unknown): unknown {
  const role = { coding: [{ system: PARTICIPATION_SYSTEM, code: 'IRCP' }] }
  return Array.isArray(grantee) ? grantee.map((reference: unknown) => ({ role, reference })) : grantee
}
