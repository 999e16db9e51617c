/** The case that the wire-form cases change: a psychiatric plan with an alcohol part, asked for by the GP, with a consent to its psychiatry. */
export const ACT_CODE = 'http://terminology.hl7.org/CodeSystem/v3-ActCode'
export const ACT_REASON = 'http://terminology.hl7.org/CodeSystem/v3-ActReason'
export const CPR = 'urn:oid:1.2.208.176.1.2'
export const SOR = 'urn:oid:1.2.208.176.1.1'
const ICD10 = 'http://hl7.org/fhir/sid/icd-10'

export const consent = {
  resourceType: 'Consent',
  id: 'psychiatry',
  meta: { versionId: '3' },
  status: 'active',
  scope: {
    coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }],
  },
  category: [{ coding: [{ system: ACT_CODE, code: 'IDSCL' }] }],
  patient: { reference: 'Patient/elmer' },
  dateTime: '2026-10-01',
  policyRule: { coding: [{ system: 'https://sluse.example/fhir/CodeSystem/legal-basis', code: 'SUL-41-1' }] },
  provision: {
    type: 'permit',
    actor: [
      {
        role: {
          coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType', code: 'IRCP' }],
        },
        reference: { reference: 'Organization/gp' },
      },
    ],
    purpose: [{ system: ACT_REASON, code: 'TREAT' }],
    securityLabel: [{ system: ACT_CODE, code: 'PSY' }],
  },
}

export const plan = {
  resourceType: 'CarePlan',
  id: 'plan',
  status: 'active',
  intent: 'plan',
  subject: { reference: 'Patient/elmer' },
  category: [{ coding: [{ system: ICD10, code: 'F20.0' }] }],
  activity: [
    { detail: { status: 'in-progress', code: { coding: [{ system: ICD10, code: 'F32.1' }] } } },
    { detail: { status: 'in-progress', code: { coding: [{ system: ICD10, code: 'F10.2' }] } } },
  ],
}

export const depression = {
  resourceType: 'Condition',
  id: 'c1',
  subject: { reference: 'Patient/elmer' },
  code: { coding: [{ system: ICD10, code: 'F32.1' }] },
}

export const gp = {
  resourceType: 'Organization',
  id: 'gp',
  identifier: [{ system: SOR, value: '999003000016003' }],
  name: 'Lægehuset i Sandkøbing',
}

export const elmer = {
  resourceType: 'Patient',
  id: 'elmer',
  identifier: [{ system: CPR, value: '2509479989' }],
}

export const request = {
  patient: { reference: 'Patient/elmer' },
  recipient: [{ reference: 'Organization/gp' }],
  purposeOfUse: ['TREAT'],
  action: 'disclose',
  at: '2026-11-21T10:00:00+01:00',
  timeZone: 'Europe/Copenhagen',
}

export const base = {
  consents: [consent],
  context: [gp, elmer],
  resources: [depression],
  request,
}
