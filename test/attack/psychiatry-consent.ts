/** What a recipient gets of a plan when the citizen has consented to psychiatry, and to what is not sensitive: no more. */
import type { CarePlan, Coding, Consent } from '@medplum/fhirtypes'
import { readLabelRules } from '#assets/codes.ts'
import type { Party } from '#consent/access-request.ts'
import { compileConsent, decide } from '#consent/decide.ts'
import type { Decision } from '#consent/decision.ts'
import { release } from '#redact/disclosure.ts'
import { label } from '#label/label.ts'
import { sandboxOrganizations } from '#sandbox/identities.ts'
import { sensitiveUnitsOf } from '#store/organizations.ts'

export const rules = readLabelRules(new URL('../../', import.meta.url))

export const SKS = 'urn:oid:1.2.208.176.2.4'

const sensitiveUnits = sensitiveUnitsOf(Object.values(sandboxOrganizations))

/** DF331 is a depression; DI109 high blood pressure. */
export const psychiatric = detail({ coding: [{ system: SKS, code: 'DF331' }] })
export const somatic = { coding: [{ system: SKS, code: 'DI109' }] }

export function detail(code: NonNullable<NonNullable<CarePlan['activity']>[0]['detail']>['code']) {
  return { detail: { status: 'in-progress' as const, ...(code ? { code } : {}) } }
}

export const plan: CarePlan = {
  resourceType: 'CarePlan',
  id: '0b7e4a52-5d52-4f0b-9f4e-3a0f6a1d2c11',
  status: 'active',
  intent: 'plan',
  subject: { reference: 'Patient/citizen' },
  activity: [psychiatric],
}

const PSYCHIATRY: Coding = { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'PSY' }
const NORMAL: Coding = { system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'N' }

function party(id: string): Party {
  return { references: [`Organization/${id}`], identifiers: [], parents: [] }
}

/** The answer to a GP that asks for the plan; `custodian` is what the sending unit treats. */
export function answerTo(
  resource: CarePlan,
  {
    custodian = [],
    listed = [PSYCHIATRY, NORMAL],
  }: { custodian?: readonly string[]; listed?: Coding[] } = {},
): { readonly decision: Decision; readonly sent: string } {
  const labels = label(resource, rules, { custodianSensitivities: custodian, sensitiveUnits })
  const consent: Consent = {
    resourceType: 'Consent',
    status: 'active',
    scope: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }],
    },
    category: [{ text: 'disclosure' }],
    patient: { reference: 'Patient/citizen' },
    dateTime: '2026-04-01T09:00:00+02:00',
    organization: [{ reference: 'Organization/hospital' }],
    sourceReference: { identifier: { system: 'https://hospital.example/dokument', value: 'samtykke-1' } },
    policyRule: {
      coding: [{ system: 'https://sluse.example/fhir/CodeSystem/legal-basis', code: 'SUL-41-1' }],
    },
    provision: { type: 'permit', securityLabel: listed },
  }
  const decision = decide(
    {
      patient: { references: ['Patient/citizen'], identifiers: [] },
      recipient: party('gp'),
      custodian: party('hospital'),
      timeZone: 'Europe/Copenhagen',
      purposeOfUse: ['TREAT'],
      action: 'access',
      now: '2026-05-01T10:00:00Z',
    },
    [compileConsent({ id: 'consent', versionId: '1', consent })],
    { resource, labels },
    { ruleSetVersion: rules.version },
  )
  const sent = decision.effect === 'permit' ? JSON.stringify(release(resource, decision).resource) : ''
  return { decision, sent }
}
