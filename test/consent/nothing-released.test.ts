/** Without a consent that is in force, for this recipient and about this citizen, nothing goes out. */
import fc from 'fast-check'
import type { Consent, ConsentProvision } from '@medplum/fhirtypes'
import { describe, expect, test } from 'vitest'
import { decided, labelled } from './case-files.ts'
import { within } from './changed-consent.ts'
import { around, consents, consentsOf, permitsOnly, provision, request, resource } from './generated.ts'

const SCOPE = 'http://terminology.hl7.org/CodeSystem/consentscope'

describe('nothing is released', () => {
  test('without consents', () => {
    fc.assert(
      fc.property(request, resource, around, (asked, one, context) => {
        expect(decided(asked, [], labelled(one), context).effect).toBe('deny')
      }),
    )
  })

  test('by denies alone', () => {
    const deniesOnly = (one: ConsentProvision): ConsentProvision => ({
      ...one,
      type: 'deny',
      ...(one.provision && { provision: one.provision.map(deniesOnly) }),
    })
    fc.assert(
      fc.property(
        consentsOf(provision.map(deniesOnly)),
        request,
        resource,
        around,
        (versions, asked, one, context) => {
          expect(decided(asked, versions, labelled(one), context).effect).toBe('deny')
        },
      ),
    )
  })

  const inapplicable: readonly (readonly [string, (consent: Consent) => Consent])[] = [
    ['is withdrawn', (consent) => ({ ...consent, status: 'inactive' })],
    ['is a draft', (consent) => ({ ...consent, status: 'draft' })],
    ['is another patient’s', (consent) => ({ ...consent, patient: { reference: 'Patient/q' } })],
    [
      'is for research',
      (consent) => ({ ...consent, scope: { coding: [{ system: SCOPE, code: 'research' }] } }),
    ],
    ['has no scope', (consent) => ({ ...consent, scope: {} })],
    ['is over', (consent) => within(consent, { end: '2026-06-14' })],
    ['has not begun', (consent) => within(consent, { start: '2026-06-17' })],
    ['is for others', (consent) => recipientOf(consent, 'Organization/municipality')],
  ]

  test.each(inapplicable)('by a consent that %s', (_, change) => {
    fc.assert(
      fc.property(consentsOf(permitsOnly), request, resource, around, (versions, asked, one, context) => {
        const all = versions.map((version) => ({ ...version, consent: change(version.consent) }))
        expect(decided(asked, all, labelled(one), context).effect).toBe('deny')
      }),
    )
  })

  test.each(['anonymous', 'unsafe'] as const)('of a citizen whose identity is %s', (identity) => {
    fc.assert(
      fc.property(consents, request, resource, around, (versions, asked, one, context) => {
        const asker = { ...asked, patient: { ...asked.patient, identity } }
        expect(decided(asker, versions, labelled(one), context).effect).toBe('deny')
      }),
    )
  })
})

/** Every rule of it names this recipient and no other. */
function recipientOf(consent: Consent, reference: string): Consent {
  const actor = [{ role: {}, reference: { reference } }]
  const named = (one: ConsentProvision): ConsentProvision => ({
    ...one,
    actor,
    ...(one.provision && { provision: one.provision.map(named) }),
  })
  return { ...consent, provision: named(consent.provision ?? {}) }
}

test('the base of the cases permits: the properties above do not hold because nothing is ever released', () => {
  const outcomes = { permit: 0, part: 0, deny: 0 }
  fc.assert(
    fc.property(consents, request, resource, around, (versions, asked, one, context) => {
      const { effect, withheld } = decided(asked, versions, labelled(one), context)
      outcomes[effect === 'permit' && withheld.length > 0 ? 'part' : effect] += 1
    }),
    { numRuns: 1_000 },
  )
  expect(Math.min(...Object.values(outcomes))).toBeGreaterThan(20)
})
