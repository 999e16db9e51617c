/**
 * Decisions and redactions per second on one core, by the code of the gateway and without its database. What the machine
 * could do at most stands beside it: reading the same consents, and writing the same plan, as JSON.
 */
import { fileURLToPath } from 'node:url'
import type { CarePlan, Consent, ConsentProvision } from '@medplum/fhirtypes'
import { readLabelRules } from '#assets/codes.ts'
import type { AccessRequest, DecisionContext, Party } from '#consent/access-request.ts'
import { compileConsent, type ConsentVersion, decide, type LabelledResource } from '#consent/decide.ts'
import { label } from '#label/label.ts'
import { release } from '#redact/disclosure.ts'
import { percentile } from './figure.ts'

export interface Rate {
  readonly perSecond: number
  readonly limitPerSecond: number
}

export interface DecisionRates {
  /** As for a search or a batch of events: consents are compiled once in a transaction. */
  readonly decided: Rate
  /** As for the read of one resource: the consents are compiled for this decision alone. */
  readonly compiledAndDecided: Rate
}

/** Each consent has four provisions; the last one permits this recipient the plan, the others are about other parties. */
export function decisionRates(consentCount: number): DecisionRates {
  const versions = Array.from({ length: consentCount }, (_, index) =>
    consentOf(index, index === consentCount - 1 ? 'Organization/gp' : `Organization/other-${index}`),
  )
  const compiled = versions.map(compileConsent)
  const json = JSON.stringify(versions)
  const limitPerSecond = perSecond(() => JSON.parse(json))
  mustPermit(decide(request, compiled, target, context).effect)
  return {
    decided: { perSecond: perSecond(() => decide(request, compiled, target, context)), limitPerSecond },
    compiledAndDecided: {
      perSecond: perSecond(() => decide(request, versions.map(compileConsent), target, context)),
      limitPerSecond,
    },
  }
}

/** A plan of twelve activities, six of which go: taken out, repaired, relabelled, with its narrative. */
export function redactRate(): Rate {
  const psychiatryOnly = compileConsent(consentOf(0, 'Organization/gp', ['PSY']))
  const decision = decide(request, [psychiatryOnly], target, context)
  mustPermit(decision.effect)
  if (decision.withheld.length !== 6)
    throw new Error(`${decision.withheld.length} of 12 activities are withheld`)
  return {
    perSecond: perSecond(() => release(plan, decision)),
    limitPerSecond: perSecond(() => JSON.stringify(plan)),
  }
}

/** A bench of denies would measure how fast the gateway gives up. */
function mustPermit(effect: string): void {
  if (effect !== 'permit') throw new Error('the plan of the bench is not released')
}

const WINDOW_MS = 300
const WINDOWS = 7

/**
 * Per second of processor time, all threads of the process together, so that a busy machine gives the same figure: the
 * median of several windows, after a first one in which the code gets compiled.
 */
function perSecond(work: () => unknown): number {
  const rates = Array.from({ length: WINDOWS + 1 }, () => {
    const begun = process.cpuUsage()
    let done = 0
    let spentMs = 0
    // The clock is read every 256 times: reading it takes long beside the work.
    while (spentMs < WINDOW_MS) {
      for (let i = 0; i < 256; i += 1) work()
      done += 256
      const { user, system } = process.cpuUsage(begun)
      spentMs = (user + system) / 1_000
    }
    return (done * 1_000) / spentMs
  })
  return percentile(rates.slice(1), 0.5)
}

const ACT_CODE = 'http://terminology.hl7.org/CodeSystem/v3-ActCode'
const SKS = 'urn:oid:1.2.208.176.2.4.12'

function party(id: string, parents: readonly Party[] = []): Party {
  return {
    references: [`Organization/${id}`],
    identifiers: [{ system: 'urn:oid:1.2.208.176.1.1', value: `sor-${id}` }],
    parents,
  }
}

const request: AccessRequest = {
  patient: { references: ['Patient/p'], identifiers: [], birthDate: '1979-09-25' },
  recipient: { ...party('gp', [party('gp-house')]), unitType: 'gp' },
  custodian: party('psychiatry', [party('hospital')]),
  timeZone: 'Europe/Copenhagen',
  purposeOfUse: ['TREAT'],
  action: 'disclose',
  now: '2026-06-15T10:00:00Z',
}

function consentOf(
  index: number,
  recipient: string,
  sensitivities: readonly string[] = ['PSY', 'SUD'],
): ConsentVersion {
  const actor = [
    {
      role: {
        coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType', code: 'IRCP' }],
      },
      reference: { reference: recipient },
    },
  ]
  const nested: readonly ConsentProvision[] = [
    {
      type: 'deny',
      purpose: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'HRESCH' }],
    },
    { type: 'deny', securityLabel: [{ system: ACT_CODE, code: 'HIV' }] },
    { type: 'permit', period: { start: '2026-07-01' }, securityLabel: [{ system: ACT_CODE, code: 'HIV' }] },
  ]
  const consent: Consent = {
    resourceType: 'Consent',
    id: `consent-${index}`,
    status: 'active',
    scope: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }],
    },
    category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
    patient: { reference: 'Patient/p' },
    dateTime: '2026-01-01T09:00:00+01:00',
    organization: [{ reference: 'Organization/psychiatry' }],
    sourceReference: {
      identifier: { system: 'https://hospital.example/dokument', value: `samtykke-${index}` },
    },
    policyRule: {
      coding: [{ system: 'https://sluse.example/fhir/CodeSystem/legal-basis', code: 'SUL-41-1' }],
    },
    provision: {
      type: 'permit',
      period: { start: '2026-01-01', end: '2026-12-31' },
      actor,
      purpose: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'TREAT' }],
      class: [{ system: 'http://hl7.org/fhir/resource-types', code: 'CarePlan' }],
      securityLabel: sensitivities.map((code) => ({ system: ACT_CODE, code })),
      provision: [...nested],
    },
  }
  return { id: `consent-${index}`, versionId: '1', consent }
}

const plan: CarePlan = {
  resourceType: 'CarePlan',
  id: 'plan',
  status: 'active',
  intent: 'plan',
  subject: { reference: 'Patient/p' },
  period: { start: '2026-05-01' },
  activity: Array.from({ length: 12 }, (_, index) => ({
    detail: {
      // Depression and alcohol in turn.
      code: { coding: [{ system: SKS, code: index % 2 === 0 ? 'DF331' : 'DF102' }] },
      status: 'in-progress',
    },
  })),
}
const rules = readLabelRules(fileURLToPath(new URL('../../', import.meta.url)))
const target: LabelledResource = {
  resource: plan,
  labels: label(plan, rules, { custodianSensitivities: [] }),
}

/** Danish health law, as for a GP: no statutory life and no written form. */
const context: DecisionContext = {
  ruleSetVersion: rules.version,
  law: {
    jurisdiction: 'DK',
    consent: { rule: 'DK-1', basis: 'SUL-41-1', form: 'any' },
    withoutConsent: [],
    ageOfConsent: { rule: 'DK-5', years: 15 },
    denyCoversParents: false,
    overrideGrounds: [],
  },
}
