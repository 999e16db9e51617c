import type { Consent } from '@medplum/fhirtypes'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { capture, judgeAsActive } from '#capture/capture.ts'
import type { CaptureContext } from '#capture/capture-context.ts'
import { mergePatch } from '#test/merge-patch.ts'
import { consent, context } from './base-consent.ts'
import { type CaptureCase, captureCases } from './capture-cases.ts'

function contextOf({
  unknownBirthDate,
  ...change
}: NonNullable<CaptureCase['context']> = {}): CaptureContext {
  const { birthDate, ...rest } = { ...context, ...change }
  return unknownBirthDate || birthDate === undefined ? rest : { ...rest, birthDate }
}

function judged(each: CaptureCase): readonly string[] | 'not-computable' {
  const found = capture(mergePatch(consent, each.with) as Consent, contextOf(each.context))
  if (found.kind === 'not-computable') return 'not-computable'
  return found.kind === 'refused' ? found.faults.map(({ code, expression }) => `${code} ${expression}`) : []
}

describe.each(Object.entries(captureCases))('%s', (_, cases) => {
  test.each(cases)('$clause: $title', (each) => {
    expect(judged(each)).toEqual(each.want)
  })
})

test('a fault says what was found, and what to do next', () => {
  expect(capture({ ...consent, provision: { ...consent.provision, actor: [] } }, context)).toEqual({
    kind: 'refused',
    faults: [
      {
        code: 'field-missing',
        expression: 'Consent.provision.actor',
        text: 'the permit names no recipient: name each by `reference` with the role `IRCP`, or it would be for everybody',
      },
    ],
  })
})

test.each([
  ['the scope', { scope: { coding: null, text: 'alt' } }, 'Consent.scope'],
  [
    'a kind of information',
    { provision: { class: null, code: [{ text: 'medicin' }] } },
    'Consent.provision.code[0]',
  ],
])('of words alone the place is told: %s', (_, patch, place) => {
  expect(capture(mergePatch(consent, patch) as Consent, context)).toEqual({ kind: 'not-computable', place })
})

test('a draft is accepted as it is, and can be judged as if it were active', () => {
  const draft: Consent = { ...consent, status: 'draft', organization: [] }
  expect(capture(draft, context)).toEqual({ kind: 'accepted' })
  expect(judgeAsActive(draft, context)).toMatchObject({
    kind: 'refused',
    faults: [{ code: 'field-missing', expression: 'Consent.organization' }],
  })
})

const faulty = Object.values(captureCases)
  .flat()
  .filter(({ want }) => want !== 'not-computable' && want.length > 0)

test('whatever is refused while active is accepted when it is taken back', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...faulty),
      fc.constantFrom('inactive' as const, 'entered-in-error' as const),
      (each, status) => {
        const withdrawn = { ...(mergePatch(consent, each.with) as Consent), status }
        expect(capture(withdrawn, contextOf(each.context))).toEqual({ kind: 'accepted' })
      },
    ),
  )
})

test('what a permit needs is refused when it is taken out, whichever it is', () => {
  const needed = ['actor', 'purpose', 'class'] as const
  const outer = ['dateTime', 'organization', 'sourceReference'] as const
  fc.assert(
    fc.property(fc.subarray([...needed, ...outer], { minLength: 1 }), (taken) => {
      const provision = Object.fromEntries(
        needed.filter((each) => taken.includes(each)).map((each) => [each, null]),
      )
      const rest = Object.fromEntries(
        outer.filter((each) => taken.includes(each)).map((each) => [each, null]),
      )
      const found = capture(mergePatch(consent, { ...rest, provision }) as Consent, context)
      const expressions = found.kind === 'refused' ? found.faults.map(({ expression }) => expression) : []
      expect(expressions).toEqual(
        expect.arrayContaining(
          taken.map((each) =>
            each === 'sourceReference'
              ? 'Consent.source'
              : `Consent.${needed.some((inner) => inner === each) ? 'provision.' : ''}${each}`,
          ),
        ),
      )
      expect(expressions).toHaveLength(taken.length)
    }),
  )
})
