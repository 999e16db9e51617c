/** What can never show more: another deny, a formal fault, a narrower permit, something that could not be looked up. */
import fc from 'fast-check'
import type { Consent, ConsentProvision } from '@medplum/fhirtypes'
import { describe, expect, test } from 'vitest'
import type { AccessRequest, DecisionContext } from '#consent/access-request.ts'
import type { ConsentVersion, LabelledResource } from '#consent/decide.ts'
import { decided, labelled } from './case-files.ts'
import { changed, garbled, RUNS, within } from './changed-consent.ts'
import {
  around,
  consents,
  consentsOf,
  criteria,
  denial,
  permitsOnly,
  request,
  resource,
  sensitivityLabels,
  versionOf,
} from './generated.ts'
import { added, releasedPaths } from './released-paths.ts'

/** What goes out under the second consents and not under the first. */
function addedBy(
  before: readonly ConsentVersion[],
  after: readonly ConsentVersion[],
  asked: AccessRequest,
  target: LabelledResource,
  context: DecisionContext,
): readonly string[] {
  const shown = (versions: readonly ConsentVersion[]) =>
    releasedPaths(decided(asked, versions, target, context), target.resource)
  return added(shown(after), shown(before))
}

describe('nothing is added', () => {
  test('by one more consent that denies', () => {
    fc.assert(
      fc.property(consents, denial, request, resource, around, (versions, one, asked, target, context) => {
        const more = [...versions, versionOf('more', one)]
        expect(addedBy(versions, more, asked, labelled(target), context)).toEqual([])
      }),
      RUNS,
    )
  })

  test('by one more deny inside a consent', () => {
    const inside = (
      one: ConsentProvision,
      deny: ConsentProvision,
      path: readonly number[],
    ): ConsentProvision => {
      const nested = one.provision ?? []
      const [next, ...rest] = path
      const at = next === undefined || nested.length === 0 ? undefined : next % nested.length
      return {
        ...one,
        provision:
          at === undefined
            ? [...nested, deny]
            : nested.map((child, i) => (i === at ? inside(child, deny, rest) : child)),
      }
    }
    fc.assert(
      fc.property(
        consents,
        fc.nat(3),
        fc.array(fc.nat(1), { maxLength: 2 }),
        denial,
        request,
        resource,
        around,
        (versions, which, path, deny, asked, target, context) => {
          const more = changed(versions, which, (consent) => ({
            ...consent,
            provision: inside(consent.provision ?? {}, deny, path),
          }))
          expect(addedBy(versions, more, asked, labelled(target), context)).toEqual([])
        },
      ),
      RUNS,
    )
  })

  const formal: readonly (readonly [string, (consent: Consent) => Consent])[] = [
    [
      'without its policy',
      (consent) => garbled(garbled(consent, 'policyRule', undefined), 'policy', undefined),
    ],
    ['by nobody', (consent) => ({ ...consent, performer: [] })],
    ['by a stranger', (consent) => ({ ...consent, performer: [{ reference: 'RelatedPerson/r' }] })],
    ['by somebody unnamed', (consent) => ({ ...consent, performer: [{}] })],
    ['of no date', (consent) => garbled(consent, 'dateTime', undefined)],
    ['of a date that is none', (consent) => ({ ...consent, dateTime: '2026-02-30' })],
    ['of last year', (consent) => ({ ...consent, dateTime: '2025-01-01' })],
    ['without evidence', (consent) => garbled(consent, 'sourceReference', undefined)],
    ['with a modifier', (consent) => ({ ...consent, modifierExtension: [{ url: 'urn:not' }] })],
    ['with rules of its own', (consent) => ({ ...consent, implicitRules: 'urn:rules' })],
    ['with a period that is none', (consent) => within(consent, { start: 'soon' })],
    [
      'with a period that ends before it starts',
      (consent) => within(consent, { start: '2026-07', end: '2026-05' }),
    ],
    ['nested too deep', (consent) => ({ ...consent, provision: buried(consent.provision ?? {}, 9) })],
  ]

  // INVARIANT: a formal fault costs the permits and leaves the denies (V10).
  test.each(formal)('when one of the consents is %s', (_, change) => {
    fc.assert(
      fc.property(
        consents,
        fc.nat(3),
        request,
        resource,
        around,
        (versions, which, asked, target, context) => {
          const faulty = changed(versions, which, change)
          expect(addedBy(versions, faulty, asked, labelled(target), context)).toEqual([])
        },
      ),
      RUNS,
    )
  })

  const essential: readonly (readonly [string, (consent: Consent) => Consent])[] = [
    ['status', (consent) => garbled(consent, 'status', undefined)],
    ['status that is none', (consent) => garbled(consent, 'status', 'actve')],
    ['scope', (consent) => garbled(consent, 'scope', undefined)],
    ['scope that is none', (consent) => garbled(consent, 'scope', { coding: [{ code: 'patient-privacy' }] })],
    ['patient', (consent) => garbled(consent, 'patient', undefined)],
    ['type of the outermost rule', (consent) => ({ ...consent, provision: untyped(consent.provision) })],
    ['provision', (consent) => garbled(consent, 'provision', undefined)],
  ]

  // Without these it is no consent at all (V1 to V4), so a deny would go with them: only permits are drawn.
  test.each(essential)('when a consent that permits loses its %s', (_, change) => {
    fc.assert(
      fc.property(
        consentsOf(permitsOnly),
        fc.nat(3),
        request,
        resource,
        around,
        (versions, which, asked, target, context) => {
          const faulty = changed(versions, which, change)
          expect(addedBy(versions, faulty, asked, labelled(target), context)).toEqual([])
        },
      ),
      RUNS,
    )
  })

  test('when a permit is narrowed by one more criterion', () => {
    fc.assert(
      fc.property(
        consentsOf(permitsOnly),
        fc.nat(3),
        criteria,
        request,
        resource,
        around,
        (versions, which, more, asked, target, context) => {
          const narrower = changed(versions, which, (consent) => ({
            ...consent,
            provision: { ...more, ...consent.provision },
          }))
          expect(addedBy(versions, narrower, asked, labelled(target), context)).toEqual([])
        },
      ),
      RUNS,
    )
  })

  test('when a permit inside a deny is narrowed', () => {
    const lifted = fc.tuple(denial, permitsOnly).map(([outer, inner]) => ({ ...outer, provision: [inner] }))
    fc.assert(
      fc.property(
        consentsOf(lifted),
        consents,
        criteria,
        request,
        resource,
        around,
        (versions, others, more, asked, target, context) => {
          const narrower = versions.map((version) => {
            const outer = version.consent.provision ?? {}
            const [inner = {}] = outer.provision ?? []
            // What the outer rule states is replaced by the inner one's, not narrowed. consent.md N2
            const stated = new Set(Object.keys(outer))
            const own = Object.entries(more).filter(([element]) => !stated.has(element))
            const narrowed = { ...Object.fromEntries(own), ...inner }
            return {
              ...version,
              consent: { ...version.consent, provision: { ...outer, provision: [narrowed] } },
            }
          })
          const rest = others.map((version) => ({ ...version, id: `other-${version.id}` }))
          expect(
            addedBy([...versions, ...rest], [...narrower, ...rest], asked, labelled(target), context),
          ).toEqual([])
        },
      ),
      RUNS,
    )
  })

  const LISTS = ['actor', 'purpose', 'action', 'class', 'code', 'data'] as const

  test.each(LISTS)('when a permit has one alternative less of its %s', (element) => {
    const withTwo = fc
      .tuple(permitsOnly, fc.record({ [element]: criteria.map((one) => one[element] ?? []) }), criteria)
      .map(([one, mine, other]) => ({
        ...one,
        [element]: [...(mine[element] ?? []), ...(other[element] ?? [])],
      }))
    const rolesOf = (one: ConsentProvision) => one.actor?.map(({ role }) => JSON.stringify(role))
    fc.assert(
      fc.property(consentsOf(withTwo), request, resource, around, (versions, asked, target, context) => {
        const first = versions[0]?.consent.provision
        const list: readonly unknown[] = first?.[element] ?? []
        // Without any it would be no constraint; without the last of its role, none on that party.
        if (list.length < 2 || (element === 'actor' && new Set(first && rolesOf(first)).size > 1)) return
        const fewer = changed(versions, 0, (consent) => ({
          ...consent,
          provision: { ...consent.provision, [element]: list.slice(1) },
        }))
        expect(addedBy(versions, fewer, asked, labelled(target), context)).toEqual([])
      }),
      RUNS,
    )
  })

  test('when a permit names one sensitivity less', () => {
    const labelledPermit = fc
      .tuple(permitsOnly, sensitivityLabels)
      .map(([one, securityLabel]) => ({ ...one, securityLabel }))
    fc.assert(
      fc.property(
        consentsOf(labelledPermit),
        request,
        resource,
        around,
        (versions, asked, target, context) => {
          const fewer = changed(versions, 0, (consent) => {
            const { securityLabel = [], ...rest } = consent.provision ?? {}
            // The last one stays: a permit without labels covers everything.
            return {
              ...consent,
              provision: {
                ...rest,
                securityLabel: securityLabel.slice(0, Math.max(1, securityLabel.length - 1)),
              },
            }
          })
          expect(addedBy(versions, fewer, asked, labelled(target), context)).toEqual([])
        },
      ),
      RUNS,
    )
  })

  test('when the period of a permit is shortened', () => {
    const days = fc.integer({ min: 1, max: 28 }).map((day) => `2026-06-${String(day).padStart(2, '0')}`)
    const spans = fc.tuple(days, days, days, days).map((four) => four.toSorted())
    fc.assert(
      fc.property(
        consentsOf(permitsOnly),
        spans,
        request,
        resource,
        around,
        (versions, [a, b, c, d], asked, target, context) => {
          const wide = changed(versions, 0, (consent) => within(consent, { start: a ?? '', end: d ?? '' }))
          const narrow = changed(versions, 0, (consent) => within(consent, { start: b ?? '', end: c ?? '' }))
          expect(addedBy(wide, narrow, asked, labelled(target), context)).toEqual([])
        },
      ),
      RUNS,
    )
  })

  test('by what nobody could look up', () => {
    fc.assert(
      fc.property(consentsOf(permitsOnly), request, resource, around, (versions, asked, target, context) => {
        const { resources: _, ...alone } = context
        const shown = (given: DecisionContext) =>
          releasedPaths(decided(asked, versions, labelled(target), given), target)
        expect(added(shown(alone), shown(context))).toEqual([])
      }),
      RUNS,
    )
  })

  test('by labels that are not there, or are of other rules', () => {
    fc.assert(
      fc.property(
        consents,
        request,
        resource,
        around,
        fc.boolean(),
        (versions, asked, target, context, none) => {
          const { labels } = labelled(target)
          const unlabelled = {
            resource: target,
            labels: none || !labels ? undefined : { ...labels, ruleSetVersion: 'older' },
          }
          expect(decided(asked, versions, unlabelled, context).effect).toBe('deny')
        },
      ),
    )
  })
})

function untyped(provision: ConsentProvision = {}): ConsentProvision {
  const { type: _, ...rest } = provision
  return rest
}

function buried(one: ConsentProvision, levels: number): ConsentProvision {
  const deepest: ConsentProvision = { type: 'permit' }
  const shaft = Array.from({ length: levels - 1 }).reduce<ConsentProvision>(
    (inner) => ({ type: 'permit', provision: [inner] }),
    deepest,
  )
  return { ...one, provision: [...(one.provision ?? []), shaft] }
}
