/** What is wrong with a consent, and where: a privacy officer is told both. */
import { describe, expect, test } from 'vitest'
import { compileConsent } from '#consent/decide.ts'
import { consentOf } from './case-files.ts'

const LEGAL_BASIS = 'https://sluse.example/fhir/CodeSystem/legal-basis'
const ACT_CODE = 'http://terminology.hl7.org/CodeSystem/v3-ActCode'
const modifier = [{ url: 'urn:not' }]
const actor = { reference: { reference: 'Organization/gp' } }
const data = { meaning: 'instance', reference: { reference: 'CarePlan/1' } }

function nested(levels: number): object {
  return levels === 0 ? {} : { provision: [{ type: 'permit', ...nested(levels - 1) }] }
}

interface Case {
  readonly rule: string
  readonly title: string
  readonly with: object
  /** `code expression` of each. */
  readonly want: readonly string[]
}

const cases: readonly Case[] = [
  { rule: 'V5', title: 'nothing', with: {}, want: [] },
  { rule: 'V5', title: 'no policy', with: { policyRule: null }, want: ['policy-missing Consent.policyRule'] },
  {
    rule: 'V5',
    title: 'a rule in words',
    with: { policyRule: { coding: null, text: 'Sundhedsloven § 41' } },
    want: [],
  },
  {
    rule: 'V5',
    title: 'a rule that says nothing',
    with: { policyRule: { coding: null } },
    want: ['policy-missing Consent.policyRule', 'element-malformed Consent.policyRule'],
  },
  {
    rule: 'V5',
    title: 'a policy by its address',
    with: { policyRule: null, policy: [{ uri: 'urn:x' }] },
    want: [],
  },
  {
    rule: 'V5',
    title: 'a policy by its authority',
    with: { policyRule: null, policy: [{ authority: 'urn:x' }] },
    want: [],
  },
  {
    rule: 'V5',
    title: 'one of two policies says something',
    with: { policyRule: null, policy: [{}, { uri: 'urn:x' }] },
    want: [],
  },
  {
    rule: 'V5',
    title: 'a policy that says nothing',
    with: { policyRule: null, policy: [{ uri: '' }] },
    want: ['policy-missing Consent.policyRule'],
  },
  {
    rule: 'B3',
    title: 'neither permit nor deny',
    with: { provision: { type: null } },
    want: ['base-undetermined Consent.provision.type'],
  },
  {
    rule: 'B4',
    title: 'two that disagree',
    with: { policyRule: { coding: [{ system: ACT_CODE, code: 'OPTOUT' }] } },
    want: ['base-contradictory Consent.policyRule'],
  },
  {
    rule: 'B4',
    title: 'two that agree',
    with: { policyRule: { coding: [{ system: ACT_CODE, code: 'OPTIN' }] } },
    want: [],
  },
  {
    rule: 'V9',
    title: 'a modifier',
    with: { modifierExtension: modifier },
    want: ['modifier-unknown Consent.modifierExtension'],
  },
  {
    rule: 'V9',
    title: 'rules of its own',
    with: { implicitRules: 'urn:x' },
    want: ['modifier-unknown Consent.implicitRules'],
  },
  {
    rule: 'V9',
    title: 'rules of its own that are not told',
    with: { _implicitRules: { extension: [] } },
    want: ['modifier-unknown Consent._implicitRules'],
  },
  {
    rule: 'V9',
    title: 'a modifier of a policy',
    with: { policy: [{ uri: 'urn:x' }, { uri: 'urn:y', modifierExtension: modifier }] },
    want: ['modifier-unknown Consent.policy[1].modifierExtension'],
  },
  {
    rule: 'V9',
    title: 'a modifier of a verification',
    with: { verification: [{ verified: true, modifierExtension: modifier }] },
    want: ['modifier-unknown Consent.verification[0].modifierExtension'],
  },
  {
    rule: 'V9',
    title: 'a modifier of the provision',
    with: { provision: { modifierExtension: modifier } },
    want: ['modifier-unknown Consent.provision.modifierExtension'],
  },
  {
    rule: 'V9',
    title: 'a modifier of an actor',
    with: { provision: { actor: [actor, { ...actor, modifierExtension: modifier }] } },
    want: ['modifier-unknown Consent.provision.actor[1].modifierExtension'],
  },
  {
    rule: 'V9',
    title: 'a modifier of data, in an exception',
    with: { provision: { provision: [{ type: 'deny', data: [{ ...data, modifierExtension: modifier }] }] } },
    want: ['modifier-unknown Consent.provision.provision[0].data[0].modifierExtension'],
  },
  {
    rule: 'V9',
    title: 'an exception without a type, inside another',
    with: { provision: { provision: [{ type: 'deny' }, { type: 'deny', provision: [{}] }] } },
    want: ['type-missing Consent.provision.provision[1].provision[0].type'],
  },
  { rule: 'N6', title: 'eight levels below the outermost', with: { provision: nested(8) }, want: [] },
  {
    rule: 'N6',
    title: 'nine',
    with: { provision: nested(9) },
    want: [`nesting-too-deep Consent.provision${'.provision[0]'.repeat(9)}`],
  },
  {
    rule: 'V9',
    title: 'a period that is none',
    with: { provision: { period: { start: 'soon', end: null } } },
    want: ['period-unreadable Consent.provision.period'],
  },
  {
    rule: 'V9',
    title: 'a data period that ends before it starts, in an exception',
    with: { provision: { provision: [{ type: 'deny', dataPeriod: { start: '2026-02', end: '2026-01' } }] } },
    want: ['period-unreadable Consent.provision.provision[0].dataPeriod'],
  },
  {
    rule: 'V9',
    title: 'several, each told',
    with: { policyRule: null, modifierExtension: modifier, provision: { type: null } },
    want: [
      'policy-missing Consent.policyRule',
      'base-undetermined Consent.provision.type',
      'modifier-unknown Consent.modifierExtension',
    ],
  },
]

describe('the defects of a consent', () => {
  test.each(cases)('$rule: $title', ({ with: changes, want }) => {
    const { defects } = compileConsent(consentOf('a', 'treatment-permit', changes))
    expect(defects.map(({ code, expression }) => `${code} ${expression}`)).toEqual(want)
  })

  test('the base of the cases names its law', () => {
    expect(consentOf('a').consent.policyRule?.coding?.map(({ system }) => system)).toEqual([LEGAL_BASIS])
  })
})
