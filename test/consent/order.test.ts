/** Lists of consents, rules, codings and labels are sets: neither their order nor a second look changes the answer. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { label } from '#label/label.ts'
import { release } from '#redact/disclosure.ts'
import { decided, labelled, rules } from './case-files.ts'
import { RUNS } from './changed-consent.ts'
import { around, consents, request, resource } from './generated.ts'

/** Every list of alternatives the other way round: rules, actors, purposes, labels, and codings of concepts. */
function reversed<T>(value: T): T {
  if (Array.isArray(value)) return value.map(reversed).toReversed() as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, reversed(inner)])) as T
}

describe('order never matters', () => {
  test('of the consents', () => {
    fc.assert(
      fc.property(consents, request, resource, around, (versions, asked, target, context) => {
        const decision = decided(asked, versions, labelled(target), context)
        expect(decided(asked, versions.toReversed(), labelled(target), context)).toEqual(decision)
      }),
      RUNS,
    )
  })

  test('of anything inside them', () => {
    fc.assert(
      fc.property(consents, request, resource, around, (versions, asked, target, context) => {
        const turned = versions.map((version) => ({ ...version, consent: reversed(version.consent) }))
        // The basis names nested rules by their index, which the reversal changes.
        const { basis: _, ...before } = decided(asked, versions, labelled(target), context)
        const { basis: __, ...after } = decided(asked, turned, labelled(target), context)
        expect(after).toEqual(before)
      }),
      RUNS,
    )
  })

  test('of the codings and labels of the data', () => {
    const twoCodes = resource.map((one) => {
      const text = JSON.stringify(one).replaceAll(
        /"coding":\[(\{[^}]*\})\]/g,
        (_, coding: string) =>
          `"coding":[${coding},{"system":"http://hl7.org/fhir/sid/icd-10","code":"F33.1"}]`,
      )
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion
      return JSON.parse(text) as typeof one
    })
    const swapped = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(swapped)
      if (typeof value !== 'object' || value === null) return value
      return Object.fromEntries(
        Object.entries(value).map(([key, inner]) => [
          key,
          (key === 'coding' || key === 'security') && Array.isArray(inner)
            ? inner.toReversed()
            : swapped(inner),
        ]),
      )
    }
    fc.assert(
      fc.property(consents, request, twoCodes, around, (versions, asked, target, context) => {
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion
        const turned = swapped(target) as typeof target
        const before = decided(asked, versions, labelled(target), context)
        expect(decided(asked, versions, labelled(turned), context)).toEqual(before)
      }),
      RUNS,
    )
  })

  test('of what was looked up, of who is known, of purposes and names', () => {
    fc.assert(
      fc.property(consents, request, resource, around, (versions, asked, target, context) => {
        const turned = {
          ...context,
          ...(context.resources && { resources: new Map([...context.resources].toReversed()) }),
        }
        const asker = {
          ...asked,
          purposeOfUse: asked.purposeOfUse.toReversed(),
          recipient: reversed(asked.recipient),
        }
        expect(decided(asker, versions, labelled(target), turned)).toEqual(
          decided(asked, versions, labelled(target), context),
        )
      }),
      RUNS,
    )
  })
})

test('the same inputs have the same answer, byte for byte', () => {
  fc.assert(
    fc.property(consents, request, resource, around, (versions, asked, target, context) => {
      const answer = () => JSON.stringify(decided(asked, versions, labelled(target), context))
      expect(answer()).toBe(answer())
    }),
  )
})

test('what went out in part may go out as it is: deciding it again withholds nothing', () => {
  fc.assert(
    fc.property(consents, request, resource, around, (versions, asked, one, context) => {
      // A permit for what points somewhere, or has an author or a foreign label, says nothing of a copy without it.
      fc.pre(!/"meaning"|"AUT"|"urn:x"/.test(JSON.stringify(versions)))
      const decision = decided(asked, versions, labelled(one), context)
      if (decision.effect === 'deny') return
      const outgoing = { ...release(one, decision).resource }
      // Prose, though ours: intake would drop it and make it anew.
      Reflect.deleteProperty(outgoing, 'text')
      const labels = label(outgoing, rules, { custodianSensitivities: [] })
      const again = decided(asked, versions, { resource: outgoing, labels }, context)
      expect(again.effect).toBe('permit')
      expect(again.withheld).toEqual([])
    }),
    RUNS,
  )
})
