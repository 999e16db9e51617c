import { describe, expect, test } from 'vitest'
import type { LabelledResource } from '#consent/decide.ts'
import type { Decision } from '#consent/decision.ts'
import { coversPurpose } from '#consent/purpose-of-use.ts'
import {
  caseFiles,
  consentOf,
  contextOf,
  type DecisionCase,
  decided,
  inShort,
  labelled,
  requestOf,
  resourceOf,
} from './case-files.ts'

describe.each(caseFiles())('%s', (_, cases) => {
  test.each(cases)('$rule: $title', (wanted) => {
    const consents = wanted.consents.map(({ id, base, with: changes, version }) => ({
      ...consentOf(id, base, changes),
      ...version,
    }))
    const want = { ...wanted.want, withheld: [...wanted.want.withheld].sort() }
    for (const order of [consents, consents.toReversed()]) {
      const decision = decided(requestOf(wanted.request), order, targetOf(wanted), contextOf(wanted))
      expect(inShort(decision)).toEqual(want)
      expect(decision.obligations.map(({ code }) => code)).toEqual(obligationsOf(wanted, decision))
    }
  })
})

/** What the content brings is the same for every case: a case names only what is there beside it. */
function obligationsOf(wanted: DecisionCase, { effect, reason, withheld, remaining }: Decision): string[] {
  if (effect === 'deny' || reason === 'own-record') return []
  const { confidentiality } = remaining ?? targetOf(wanted).labels ?? { confidentiality: 'N' }
  return [
    ...(withheld.length > 0 ? ['REDACT'] : []),
    ...(wanted.obligations ?? []),
    ...('RV'.includes(confidentiality) ? ['NORDSCLCD', 'PERSISTLABEL'] : []),
  ]
}

function targetOf({ resource, labels, custodianSensitivities }: DecisionCase) {
  const target = labelled(resourceOf(resource), custodianSensitivities)
  if (labels === 'none' || !target.labels) return { ...target, labels: undefined }
  return labels === 'stale' ? { ...target, labels: { ...target.labels, ruleSetVersion: 'older' } } : target
}

describe('labels that the record has lost track of', () => {
  const psychiatry = consentOf('a', 'treatment-permit', {
    provision: {
      securityLabel: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'PSY' }],
    },
  })
  const { resource, labels } = labelled(resourceOf('psychiatric-plan'))
  if (!labels) throw new Error('labelled() labels')
  const { elements } = labels

  test.each<[string, LabelledResource['labels']]>([
    ['a sensitivity of no element binds all', { ...labels, sensitivities: ['PSY', 'SUD'] }],
    [
      'a label on an element that the resource does not have binds all',
      {
        ...labels,
        elements: [
          ...elements,
          {
            path: 'CarePlan.activity[7]',
            sensitivities: ['SUD'],
            confidentiality: 'R',
            rule: 'icd-substances',
          },
        ],
      },
    ],
  ])('%s', (_, lost) => {
    expect(inShort(decided(requestOf(), [psychiatry], { resource, labels: lost }))).toEqual({
      effect: 'deny',
      reason: 'label-not-covered',
      basis: ['a/1 provision'],
      withheld: [],
    })
  })

  test('a confidentiality of no element binds all', () => {
    const ordinary = consentOf('a', 'treatment-permit', {
      provision: {
        securityLabel: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' }],
      },
    })
    const target: LabelledResource = { resource, labels: { ...labels, confidentiality: 'V' } }
    expect(decided(requestOf(), [ordinary], target).reason).toBe('label-not-covered')
  })
})

test.each([
  ['TREAT', 'BTG', false],
  ['ETREAT', 'BTG', false],
  ['PurposeOfUse', 'BTG', false],
  ['BTG', 'BTG', true],
  ['ETREAT', 'ERTREAT', true],
])('BG1: %s covers %s: %s', (listed, asked, covered) => {
  expect(coversPurpose(listed, asked)).toBe(covered)
})
