import type { CarePlan, Encounter, Resource } from '@medplum/fhirtypes'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { label } from '#label/label.ts'
import { release } from '#redact/disclosure.ts'
import { redact } from '#redact/redact.ts'
import { verify } from '#redact/verify.ts'
import { profileUrl, validator } from '#test/validator.ts'
import { decided, labelled, NORMAL, permitOf, PSY, rules } from './decided.ts'
import { secretsOfHeldTypes } from './secrets-of-held-types.ts'
import {
  CANARY,
  knownAddiction,
  NEVER_SEEN,
  secretsOfContact,
  secretsOfPlan,
  SKS,
} from './secret-elements.ts'

/** Together with the secrets, so that what goes out is a part and not nothing. */
const plan: CarePlan = {
  resourceType: 'CarePlan',
  id: 'plan',
  status: 'active',
  intent: 'plan',
  subject: { reference: 'Patient/p' },
  period: { start: '2026-06-01' },
  addresses: [{ reference: 'Condition/open' }],
  activity: [
    {
      detail: {
        status: 'in-progress',
        code: { coding: [{ system: SKS, code: 'DF331' }] },
        description: 'Samtale',
      },
    },
  ],
}

const contact: Encounter = {
  resourceType: 'Encounter',
  id: 'contact',
  status: 'finished',
  class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
  subject: { reference: 'Patient/p' },
  period: { start: '2026-06-01' },
  reasonCode: [{ coding: [{ system: SKS, code: 'DF331' }] }],
}

/** Lists are joined, in either order; anything else is put in place of what was there. */
function join<R extends Resource>(base: R, parts: readonly Partial<R>[], isAfter: boolean): R {
  const result = { ...base }
  for (const part of parts)
    for (const [key, value] of Object.entries(part)) {
      const before: unknown = Reflect.get(result, key)
      const both = Array.isArray(before) && Array.isArray(value)
      Reflect.set(result, key, both ? (isAfter ? [...before, ...value] : [...value, ...before]) : value)
    }
  return result
}

const mixed: fc.Arbitrary<Resource> = fc.oneof(
  fc
    .tuple(fc.shuffledSubarray([...secretsOfPlan], { minLength: 1 }), fc.boolean())
    .map(([secrets, isAfter]) => join(plan, secrets, isAfter)),
  fc
    .tuple(fc.shuffledSubarray([...secretsOfContact], { minLength: 1 }), fc.boolean())
    .map(([secrets, isAfter]) => join(contact, secrets, isAfter)),
  ...secretsOfHeldTypes.map(({ base, parts }) =>
    fc
      .tuple(fc.shuffledSubarray([...parts], { minLength: 1 }), fc.boolean())
      .map(([secrets, isAfter]) => join(base, secrets, isAfter)),
  ),
)

const permitted = permitOf(PSY, NORMAL)

function released(resource: Resource) {
  const target = labelled(resource, knownAddiction)
  const decision = decided(target, permitted)
  return { decision, outgoing: release(resource, decision).resource }
}

describe.each<readonly [string, Resource, readonly Partial<Resource>[]]>([
  ['CarePlan', plan, secretsOfPlan],
  ['Encounter', contact, secretsOfContact],
  ...secretsOfHeldTypes.map(({ base, parts }) => [base.resourceType, base, parts] as const),
])('each element of %s that can give an addiction away', (_, base, secrets) => {
  test.each(secrets.map((part) => [JSON.stringify(part).slice(0, 90), part] as const))(
    '%s',
    (_title, part) => {
      const { decision, outgoing } = released(join<Resource>(base, [part], true))
      expect(JSON.stringify(outgoing)).not.toMatch(NEVER_SEEN)
      expect(JSON.stringify(outgoing)).toContain('DF331')
      expect(decision.effect).toBe('permit')
    },
  )
})

describe('two thousand records of every type that are part addiction', () => {
  test('no marker, code or word of a withheld element stands in the bytes that go out', () => {
    fc.assert(
      fc.property(mixed, (resource) => {
        const { outgoing } = released(resource)
        const bytes = JSON.stringify(outgoing)
        expect(bytes).not.toMatch(NEVER_SEEN)
        // The marker could not have survived unseen because nothing was sent at all.
        expect(bytes).toContain('DF331')
      }),
      { numRuns: 2_000 },
    )
  })

  test('what goes out meets R4 and our profile, and the labeller finds no more in it than was permitted', () => {
    const known = { custodianSensitivities: [], ...knownAddiction }
    fc.assert(
      fc.property(mixed, (resource) => {
        const { decision, outgoing } = released(resource)
        const profile = profileUrl(resource.resourceType.toLowerCase())
        expect(validator.validate(outgoing, profile)).toEqual([])
        const covered = decision.remaining
        if (!covered) throw new Error('a release in part says what remains')
        expect(verify(outgoing, (one) => label(one, rules, known), covered)).toEqual([])
      }),
      { numRuns: 500 },
    )
  })

  test('redacting again changes nothing, and every value that is left came in', () => {
    fc.assert(
      fc.property(mixed, (resource) => {
        const decision = decided(labelled(resource, knownAddiction), permitted)
        const once = redact(resource, decision)
        expect(redact(once, decision)).toEqual(once)
        const given = new Set(leavesOf(resource))
        expect(leavesOf(once).filter((value) => !given.has(value))).toEqual([])
      }),
    )
  })

  test('the marker is there to be found: the whole has it', () => {
    fc.assert(fc.property(mixed, (resource) => JSON.stringify(resource).includes(CANARY)))
  })
})

function leavesOf(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [JSON.stringify(value)]
  return Object.values(value).flatMap(leavesOf)
}
