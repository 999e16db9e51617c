/** What a decision tells beside its effect: the rule of law that decided, and what a person must do afterwards. */
import { describe, expect, test } from 'vitest'
import type { AccessRequest, DecisionContext } from '#consent/access-request.ts'
import type { ConsentVersion } from '#consent/decide.ts'
import { consentOf, context, decided, labelled, lawOf, requestOf, resourceOf } from './case-files.ts'

const LEGAL_BASIS = 'https://sluse.example/fhir/CodeSystem/legal-basis'
const ACT_REASON = 'http://terminology.hl7.org/CodeSystem/v3-ActReason'

const permit = consentOf('a')
const refusal = consentOf('b', 'treatment-deny')
const blockUnder = (code: string, id = 'b'): ConsentVersion =>
  consentOf(id, 'treatment-deny', { policyRule: { coding: [{ system: LEGAL_BASIS, code }] } })
const lapsed = consentOf('a', 'treatment-permit', { dateTime: '2025-01-01', provision: { period: null } })
const forEmergencies = consentOf('a', 'treatment-permit', {
  provision: { purpose: [{ system: ACT_REASON, code: 'BTG' }] },
})

const override: AccessRequest['override'] = {
  privileged: true,
  ground: 'patient-agrees',
  hasReason: true,
  until: '2026-06-15T11:00:00Z',
}
const statutory = (informPatient: boolean, eventOnly = false) => ({
  withoutConsent: [
    { rule: 'DK-3', code: 'SUL-X', demands: [], yieldsToObjection: true, eventOnly, informPatient },
  ],
})
const claim = { legalBasis: { code: 'SUL-X' } }

interface Case {
  readonly title: string
  readonly consents: readonly ConsentVersion[]
  readonly request?: object
  readonly law?: object
  readonly resource?: string
  /** Reason, rule of law, follow-up. */
  readonly want: readonly [string, string | undefined, readonly string[] | undefined]
}

const cases: readonly Case[] = [
  { title: 'an ordinary permit', consents: [permit], want: ['permitted', undefined, undefined] },
  { title: 'an ordinary refusal', consents: [permit, refusal], want: ['denied', undefined, undefined] },
  { title: 'no consent', consents: [], want: ['no-consent', undefined, undefined] },
  {
    title: 'a block',
    consents: [permit, blockUnder('SUL-42A-5')],
    want: ['national-block', 'SUL-42A-5', undefined],
  },
  {
    title: 'two blocks: always the same law',
    consents: [blockUnder('SUL-42A-5'), blockUnder('SUL-41-3', 'c')],
    want: ['national-block', 'SUL-41-3', undefined],
  },
  {
    title: 'a consent that has lapsed',
    consents: [lapsed],
    law: { consent: { rule: 'DK-7', form: 'any', lapsesAfterYears: 1 } },
    want: ['consent-lapsed', 'DK-7', undefined],
  },
  {
    title: 'a consent that has lapsed, by a rule of its own',
    consents: [lapsed],
    law: { consent: { rule: 'DK-7', lapseRule: 'DK-8', form: 'any', lapsesAfterYears: 1 } },
    want: ['consent-lapsed', 'DK-8', undefined],
  },
  {
    title: 'a consent without its form',
    consents: [consentOf('a', 'treatment-permit', { sourceReference: null })],
    law: { consent: { rule: 'DK-7', formRule: 'DK-6', form: 'written' } },
    want: ['form-not-written', 'DK-6', undefined],
  },
  {
    title: 'an unknown unit',
    consents: [permit],
    law: { stop: { rule: 'DK-4', reason: 'unit-type-unknown' } },
    want: ['unit-type-unknown', 'DK-4', undefined],
  },
  {
    title: 'by law',
    consents: [],
    request: claim,
    law: statutory(false),
    want: ['permitted-by-law', 'DK-3', undefined],
  },
  {
    title: 'by a law that wants the patient told',
    consents: [],
    request: claim,
    law: statutory(true),
    want: ['permitted-by-law', 'DK-3', ['inform-patient']],
  },
  {
    title: 'an event by law',
    consents: [],
    request: claim,
    resource: 'encounter',
    law: statutory(true, true),
    want: ['permitted-by-law', 'DK-3', ['inform-patient']],
  },
  {
    title: 'a consent permits it before the law does',
    consents: [permit],
    request: claim,
    law: statutory(true),
    want: ['permitted', undefined, undefined],
  },
  {
    title: 'by override',
    consents: [],
    request: { override },
    want: ['permitted-by-override', 'DK-12', ['review', 'inform-patient']],
  },
  {
    title: 'a consent permits it before the override does',
    consents: [permit],
    request: { override },
    want: ['permitted', undefined, undefined],
  },
  {
    title: 'by a consent to breaking the glass',
    consents: [forEmergencies],
    request: { purposeOfUse: ['BTG'] },
    want: ['permitted-by-break-glass-consent', undefined, ['review']],
  },
]

function contextFor(law: object | undefined): DecisionContext {
  return { ...context, law: lawOf({ base: 'law-dk', ...(law && { with: law }) }) }
}

describe('law and follow-up', () => {
  test.each(cases)('$title', ({ consents, request, law, resource = 'psychiatric-plan', want }) => {
    for (const order of [consents, consents.toReversed()]) {
      const decision = decided(requestOf(request), order, labelled(resourceOf(resource)), contextFor(law))
      expect([decision.reason, decision.law, decision.followUp]).toEqual(want)
    }
  })

  test('of what goes in part by law the patient is told as well', () => {
    const addiction = { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'SUD' }
    const noToAddiction = consentOf('b', 'treatment-deny', { provision: { securityLabel: [addiction] } })
    const target = labelled(resourceOf('mixed-plan'))
    const { reason, withheld, followUp } = decided(
      requestOf(claim),
      [noToAddiction],
      target,
      contextFor(statutory(true)),
    )
    expect(reason).toBe('permitted-by-law')
    expect(withheld.map(({ path }) => path)).toContain('CarePlan.activity[1]')
    expect(followUp).toEqual(['inform-patient'])
  })
})
