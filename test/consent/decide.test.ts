import { describe, expect, test } from 'vitest'
import ruleBook from './rules.json' with { type: 'json' }
import { decide } from '#consent/decide.ts'
import {
  caseFiles,
  consentOf,
  context,
  type DecisionCase,
  inShort,
  labelled,
  requestOf,
  resourceOf,
} from './case-files.ts'

describe.each(caseFiles())('%s', (_, cases) => {
  test.each(cases)('$rule: $title', (wanted) => {
    const consents = wanted.consents.map(({ id, base, with: changes }) => consentOf(id, base, changes))
    const want = { ...wanted.want, withheld: [...wanted.want.withheld].sort() }
    for (const order of [consents, consents.toReversed()]) {
      const decision = decide(requestOf(wanted.request), order, targetOf(wanted), {
        ...context,
        parties: wanted.parties ?? [],
      })
      expect(inShort(decision)).toEqual(want)
      expect(decision.obligations.map(({ code }) => code)).toEqual(
        decision.withheld.length > 0 ? ['REDACT'] : [],
      )
    }
  })
})

function targetOf({ resource, labels, custodianSensitivities }: DecisionCase) {
  const target = labelled(resourceOf(resource), custodianSensitivities)
  if (labels === 'none' || !target.labels) return { ...target, labels: undefined }
  return labels === 'stale' ? { ...target, labels: { ...target.labels, ruleSetVersion: 'older' } } : target
}

test('every rule is cited by a case, and every case cites a rule', () => {
  const cited = new Set(caseFiles().flatMap(([, cases]) => cases.map(({ rule }) => rule)))
  expect([...cited].sort()).toEqual(Object.keys(ruleBook.rules).sort())
})
