/** C6: one answer for a request over several resources. */
import { describe, expect, test } from 'vitest'
import type { Basis, Decision } from '#consent/decision.ts'
import { overallDecision } from '#consent/overall-decision.ts'

const ACT_CODE = 'http://terminology.hl7.org/CodeSystem/v3-ActCode'
const basisOf = (consent: string): Basis => ({ consent, version: '1', provision: 'provision' })

function denied(reason: Decision['reason'], ...consents: readonly string[]): Decision {
  return { effect: 'deny', reason, basis: consents.map(basisOf), obligations: [], withheld: [] }
}

function permitted(reason: Decision['reason'], ...consents: readonly string[]): Decision {
  return { ...denied(reason, ...consents), effect: 'permit' }
}

function inPart(...consents: readonly string[]): Decision {
  return {
    ...permitted('permitted-in-part', ...consents),
    obligations: [{ system: ACT_CODE, code: 'REDACT' }],
    withheld: [{ path: 'CarePlan.activity[0]', reason: 'label-not-covered' }],
  }
}

interface Case {
  readonly title: string
  readonly decisions: readonly Decision[]
  /** Effect, reason, consents of the basis, and duties. */
  readonly want: readonly [string, string, string, string]
}

const cases: readonly Case[] = [
  { title: 'nothing was asked for', decisions: [], want: ['deny', 'no-consent', '', ''] },
  { title: 'one denied', decisions: [denied('denied', 'a')], want: ['deny', 'denied', 'a', ''] },
  {
    title: 'a deny beats what could not be told, and that no consent',
    decisions: [denied('no-consent'), denied('indeterminate', 'b'), denied('label-denied', 'a')],
    want: ['deny', 'label-denied', 'a b', ''],
  },
  {
    title: 'what could not be told beats no consent',
    decisions: [denied('recipient-not-covered', 'a'), denied('indeterminate', 'b')],
    want: ['deny', 'indeterminate', 'a b', ''],
  },
  {
    title: 'of several denies one reason is told, always the same',
    decisions: [denied('label-denied', 'b'), denied('denied', 'a')],
    want: ['deny', 'denied', 'a b', ''],
  },
  {
    title: 'all released',
    decisions: [permitted('permitted', 'a'), permitted('permitted', 'a')],
    want: ['permit', 'permitted', 'a', ''],
  },
  {
    title: 'its own and by consent',
    decisions: [permitted('own-record'), permitted('permitted', 'a')],
    want: ['permit', 'permitted', 'a', ''],
  },
  {
    title: 'all its own',
    decisions: [permitted('own-record'), permitted('own-record')],
    want: ['permit', 'own-record', '', ''],
  },
  {
    title: 'some released: the basis is of what goes out',
    decisions: [denied('denied', 'b'), permitted('permitted', 'a')],
    want: ['permit', 'permitted-in-part', 'a', ''],
  },
  {
    title: 'its own beside something denied',
    decisions: [permitted('own-record'), denied('denied', 'b')],
    want: ['permit', 'permitted-in-part', '', ''],
  },
  {
    title: 'one in part',
    decisions: [inPart('a'), permitted('permitted', 'b')],
    want: ['permit', 'permitted-in-part', 'a b', 'REDACT'],
  },
  {
    title: 'all in part: the duty once',
    decisions: [inPart('a'), inPart('a')],
    want: ['permit', 'permitted-in-part', 'a', 'REDACT'],
  },
  {
    title: 'all by override',
    decisions: [permitted('permitted-by-override'), permitted('permitted-by-override')],
    want: ['permit', 'permitted-by-override', '', ''],
  },
  {
    title: 'some by override, and nothing else',
    decisions: [permitted('permitted-by-override'), denied('not-labelled')],
    want: ['permit', 'permitted-by-override', '', ''],
  },
  {
    title: 'some by override, some by consent',
    decisions: [permitted('permitted-by-override'), permitted('permitted', 'a')],
    want: ['permit', 'permitted-in-part', 'a', ''],
  },
  {
    title: 'by law alone, beside what is denied',
    decisions: [denied('no-consent'), permitted('permitted-by-law')],
    want: ['permit', 'permitted-by-law', '', ''],
  },
  {
    title: 'by a consent to breaking the glass, beside what is denied',
    decisions: [denied('no-consent'), permitted('permitted-by-break-glass-consent', 'a')],
    want: ['permit', 'permitted-by-break-glass-consent', 'a', ''],
  },
]

describe('C6', () => {
  test.each(cases)('$title', ({ decisions, want }) => {
    for (const order of [decisions, decisions.toReversed()]) {
      const { effect, reason, basis, obligations } = overallDecision(order)
      const consents = basis.map(({ consent }) => consent).join(' ')
      expect([effect, reason, consents, obligations.map(({ code }) => code).join(' ')]).toEqual(want)
    }
  })

  test('the duties of all that is released, each once and sorted', () => {
    const duty = (effect: 'permit' | 'deny', code: 'REDACT' | 'AUDIT'): Decision => ({
      ...denied('label-denied'),
      effect,
      obligations: [{ system: ACT_CODE, code }],
    })
    const released = [duty('permit', 'REDACT'), duty('permit', 'AUDIT'), duty('permit', 'REDACT')]
    expect(overallDecision(released).obligations.map(({ code }) => code)).toEqual(['AUDIT', 'REDACT'])
    const withDenial = [duty('permit', 'REDACT'), duty('deny', 'AUDIT')]
    expect(overallDecision(withDenial).obligations.map(({ code }) => code)).toEqual(['REDACT'])
  })
})
