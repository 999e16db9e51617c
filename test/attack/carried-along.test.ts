import type { CarePlan } from '@medplum/fhirtypes'
import { describe, expect, test } from 'vitest'
import { answerTo, detail, plan, psychiatric } from './psychiatry-consent.ts'

/** Free text and unknown codes may be about an addiction: V without a sensitivity (S7), covered by no permit for PSY (M30). */
const unclassified: readonly { readonly title: string; readonly part: Partial<CarePlan> }[] = [
  { title: 'a note', part: { note: [{ text: 'CANARY, røg en joint i går' }] } },
  { title: 'a description', part: { description: 'CANARY, røg en joint i går' } },
  {
    title: 'an activity with text alone',
    part: { activity: [psychiatric, detail({ text: 'CANARY, joints' })] },
  },
  {
    title: 'a code of an unknown system',
    part: { category: [{ coding: [{ system: 'https://vendor.example/codes', code: 'CANARY' }] }] },
  },
]

describe('a consent to psychiatry does not carry along what nobody has classified', () => {
  for (const { title, part } of unclassified) {
    test(`${title} beside a psychiatric activity is withheld`, () => {
      const { decision, sent } = answerTo({ ...plan, ...part })
      expect(decision).toMatchObject({ effect: 'permit', reason: 'permitted-in-part' })
      expect(sent).toContain('DF331')
      expect(sent).not.toContain('CANARY')
    })
  }

  test('a plan without such a part goes out whole', () => {
    expect(answerTo(plan).decision).toMatchObject({ reason: 'permitted', withheld: [] })
  })

  test('a unit that is psychiatric as a whole has classified its notes by that', () => {
    const { decision, sent } = answerTo(
      { ...plan, note: [{ text: 'CANARY, sover bedre' }] },
      { custodian: ['PSY'] },
    )
    expect(decision.reason).toBe('permitted')
    expect(sent).toContain('CANARY')
  })
})
