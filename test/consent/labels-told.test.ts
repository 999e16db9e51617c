import { describe, expect, test } from 'vitest'
import { labelsTold } from '#consent/labels-told.ts'
import type { LabelRecord } from '#label/label-record.ts'

const at = (path: string, ...sensitivities: string[]) =>
  ({ path, sensitivities, confidentiality: 'R', rule: 'r' }) as const
const record: LabelRecord = {
  ruleSetVersion: '1',
  sensitivities: ['ETHUD', 'PSY', 'SSP'],
  confidentiality: 'R',
  elements: [
    at('CarePlan.activity[1].detail.code', 'PSY'),
    at('CarePlan.activity[11].detail.code', 'SSP'),
    at('CarePlan.activity[2].detail.code', 'ETHUD'),
    at('CarePlan.title'),
  ],
}
const without = (...paths: string[]) =>
  ({
    effect: 'permit',
    withheld: paths.map((path) => ({ path, reason: 'label-not-covered' as const })),
  }) as const

describe('O4: which labels a sentence names', () => {
  test.each([
    ['of a part, those of what was withheld', without('CarePlan.activity[2]'), ['ETHUD']],
    [
      'of two parts, those of both',
      without('CarePlan.activity[2]', 'CarePlan.activity[1]'),
      ['ETHUD', 'PSY'],
    ],
    ['of another part that begins alike, none', without('CarePlan.activity[1'), []],
    ['of the very element', without('CarePlan.activity[1].detail.code'), ['PSY']],
    ['of a text that has no label, none', without('CarePlan.title'), []],
    ['of what is released whole, none', without(), []],
    ['of what is denied, all', { effect: 'deny', withheld: [] } as const, ['ETHUD', 'PSY', 'SSP']],
  ])('%s', (_, decision, want) => {
    expect(labelsTold(decision, record)).toEqual(want)
  })

  test('of what is denied without a sensitivity, how confidential it is', () => {
    const plain = { ...record, sensitivities: [], confidentiality: 'N' } as const
    expect(labelsTold({ effect: 'deny', withheld: [] }, plain)).toEqual(['N'])
  })

  test('of what was never labelled, none', () => {
    expect(labelsTold({ effect: 'deny', withheld: [] }, undefined)).toEqual([])
  })
})
