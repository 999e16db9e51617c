/** The citizen, the GP who asks, the consents and the labels that the cases of redaction start from. */
import type { Coding, Consent, Resource } from '@medplum/fhirtypes'
import { readLabelRules } from '#assets/codes.ts'
import type { AccessRequest, Party } from '#consent/access-request.ts'
import { compileConsent, type ConsentVersion, decide, type LabelledResource } from '#consent/decide.ts'
import type { Decision } from '#consent/decision.ts'
import { label, type LabelSource } from '#label/label.ts'

export const rules = readLabelRules(new URL('../../', import.meta.url))

const ACT_CODE = 'http://terminology.hl7.org/CodeSystem/v3-ActCode'
const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality'
export const PSY: Coding = { system: ACT_CODE, code: 'PSY' }
export const NORMAL: Coding = { system: CONFIDENTIALITY, code: 'N' }

function party(id: string): Party {
  return { references: [`Organization/${id}`], identifiers: [], parents: [] }
}

const request: AccessRequest = {
  patient: { references: ['Patient/p'], identifiers: [] },
  recipient: party('gp'),
  custodian: party('hospital'),
  timeZone: 'Europe/Copenhagen',
  purposeOfUse: ['TREAT'],
  action: 'disclose',
  now: '2026-06-15T10:00:00Z',
}

/** To the GP, for treatment, of what carries one of the labels; without labels, of everything. */
export function permitOf(...securityLabel: Coding[]): ConsentVersion {
  const consent: Consent = {
    resourceType: 'Consent',
    status: 'active',
    scope: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }],
    },
    category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
    patient: { reference: 'Patient/p' },
    dateTime: '2026-01-01T09:00:00+01:00',
    policyRule: {
      coding: [{ system: 'https://sluse.example/fhir/CodeSystem/legal-basis', code: 'SUL-41-1' }],
    },
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
      purpose: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'TREAT' }],
      ...(securityLabel.length > 0 && { securityLabel }),
    },
  }
  return { id: 'a', versionId: '1', consent }
}

export function labelled(resource: Resource, source: Partial<LabelSource> = {}): LabelledResource {
  return { resource, labels: label(resource, rules, { custodianSensitivities: [], ...source }) }
}

export function decided(target: LabelledResource, ...consents: readonly ConsentVersion[]): Decision {
  return decide(request, consents.map(compileConsent), target, { ruleSetVersion: rules.version })
}
