/** The rule of law that an answer names is the same whatever the order of the consents. */
import { expect, test } from 'vitest'
import { consentOf, decided, labelled, lawOf, requestOf, resourceOf, context } from './case-files.ts'

test('D3: of several faults of one kind the same rule is named in either order', () => {
  const law = lawOf({
    base: 'law-dk',
    with: { consent: { basis: 'SUL-43-1', lapsesAfterYears: 1, rule: 'DK-3', lapseRule: 'DK-4' } },
  })
  const consents = [
    consentOf('a', 'treatment-permit', { policyRule: null }),
    consentOf('b', 'treatment-permit', { dateTime: null }),
  ]
  const target = labelled(resourceOf('psychiatric-plan'))
  const [one, other] = [consents, consents.toReversed()].map((order) =>
    decided(requestOf(), order, target, { ...context, law }),
  )
  expect(one).toEqual(other)
  expect(one).toMatchObject({ effect: 'deny', reason: 'consent-defective', law: 'DK-4' })
})
