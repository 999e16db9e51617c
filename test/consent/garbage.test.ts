/** What is malformed never throws and never shows more: not in a consent, a resource, or what was looked up. */
import fc from 'fast-check'
import type { Consent, Resource } from '@medplum/fhirtypes'
import { describe, expect, test } from 'vitest'
import type { ConsentVersion } from '#consent/decide.ts'
import { consentOf, context, decided, labelled, requestOf, resourceOf } from './case-files.ts'
import { around, consents, consentsOf, permitsOnly, request, resource } from './generated.ts'
import { added, releasedPaths } from './released-paths.ts'

const RUNS = { numRuns: fc.readConfigureGlobal().numRuns ?? 400 }

/** Anything that JSON can hold, and most of all what stands in for something else by mistake. */
const junk: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    false,
    0,
    -1,
    1e21,
    '',
    ' ',
    'permit',
    'active',
    [],
    {},
    [null],
    [[]],
    [{}],
    { coding: null },
  ),
  fc.constantFrom<unknown>(
    { coding: [null] },
    { coding: 'TREAT' },
    [{ system: 1, code: [] }],
    { start: null },
    { start: 2026, end: [] },
  ),
  fc.constantFrom<unknown>(
    { reference: 7 },
    { reference: {}, identifier: null },
    [{ role: null, reference: null }],
    { system: null, code: null },
  ),
  fc.jsonValue({ maxDepth: 3 }),
)

function pathsOf(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path]
  return [path, ...Object.entries(value).flatMap(([key, inner]) => pathsOf(inner, [...path, key]))]
}

function put(value: unknown, [key, ...rest]: readonly string[], replacement: unknown): unknown {
  if (key === undefined) return replacement
  const copy: unknown = Array.isArray(value) ? [...(value as unknown[])] : { ...(value as object) }
  const record = copy as Record<string, unknown>
  record[key] = put(record[key], rest, replacement)
  return copy
}

/** The value with junk in one place of it, below `root`. */
function spoilt<T>(value: T, root: readonly string[], which: number, replacement: unknown): T {
  const places = pathsOf(root.reduce<unknown>((inner, key) => (inner as Record<string, unknown>)[key], value))
  const place = places[which % places.length] ?? []
  return put(value, [...root, ...place], replacement) as T
}

const plan = resourceOf('psychiatric-plan')

describe('a consent', () => {
  test('that is anything at all permits nothing', () => {
    fc.assert(
      fc.property(
        fc.array(junk, { minLength: 1, maxLength: 3 }),
        request,
        resource,
        around,
        (all, asked, target, where) => {
          const versions = all.map(
            (consent, index) => ({ id: `c${index}`, versionId: '1', consent }) as ConsentVersion,
          )
          expect(decided(asked, versions, labelled(target), where).effect).toBe('deny')
        },
      ),
      RUNS,
    )
  })

  test('of which only the outermost elements are right permits nothing', () => {
    fc.assert(
      fc.property(junk, request, resource, around, (provision, asked, target, where) => {
        // An empty provision has no type, and a missing one no policy that permits.
        const version = { ...consentOf('a'), consent: { ...consentOf('a').consent, provision } as Consent }
        expect(decided(asked, [version], labelled(target), where).effect).toBe('deny')
      }),
      RUNS,
    )
  })

  test('with junk in one place of its provision shows no more than before', () => {
    fc.assert(
      fc.property(
        consentsOf(permitsOnly),
        fc.nat(),
        junk,
        request,
        resource,
        around,
        (versions, which, value, asked, target, where) => {
          const faulty = versions.map((version, index) =>
            index === 0
              ? { ...version, consent: spoilt(version.consent, ['provision'], which, value) }
              : version,
          )
          const shown = (all: readonly ConsentVersion[]) =>
            releasedPaths(decided(asked, all, labelled(target), where), target)
          expect(added(shown(faulty), shown(versions))).toEqual([])
        },
      ),
      RUNS,
    )
  })

  test('with junk anywhere never throws', () => {
    fc.assert(
      fc.property(
        consents,
        fc.nat(),
        junk,
        request,
        resource,
        around,
        (versions, which, value, asked, target, where) => {
          const faulty = versions.map((version) => ({
            ...version,
            consent: spoilt(version.consent, [], which, value),
          }))
          expect(['permit', 'deny']).toContain(decided(asked, faulty, labelled(target), where).effect)
        },
      ),
      RUNS,
    )
  })
})

describe('a resource', () => {
  test('that is anything at all is not released', () => {
    fc.assert(
      fc.property(junk, (value) => {
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- this is the point
        const target = { resource: value as Resource, labels: labelled(plan).labels }
        expect(decided(requestOf(), [consentOf('a')], target).effect).toBe('deny')
      }),
      RUNS,
    )
  })

  test('with junk anywhere never throws, with labels of before', () => {
    fc.assert(
      fc.property(
        consents,
        resource,
        fc.nat(),
        junk,
        request,
        around,
        (versions, target, which, value, asked, where) => {
          const { labels } = labelled(target)
          const faulty = spoilt(target, [], which, value)
          expect(['permit', 'deny']).toContain(
            decided(asked, versions, { resource: faulty, labels }, where).effect,
          )
        },
      ),
      RUNS,
    )
  })
})

describe('what was looked up', () => {
  test('is junk in one place, and shows no more than before', () => {
    fc.assert(
      fc.property(
        consentsOf(permitsOnly),
        fc.nat(),
        junk,
        request,
        resource,
        around,
        (versions, which, value, asked, target, where) => {
          const names = [...(where.resources ?? [])]
          const faulty = names.map(
            ([name, one], index) =>
              [
                name,
                index === which % Math.max(1, names.length) ? spoilt(one, [], which, value) : one,
              ] as const,
          )
          const shown = (resources: ReadonlyMap<string, Resource> | undefined) =>
            releasedPaths(
              decided(asked, versions, labelled(target), { ...where, ...(resources && { resources }) }),
              target,
            )
          expect(added(shown(new Map(faulty)), shown(where.resources))).toEqual([])
        },
      ),
      RUNS,
    )
  })
})

describe('a request', () => {
  test.each(['patient', 'recipient', 'now', 'timeZone', 'purposeOfUse'] as const)(
    'without a %s that can be read is refused',
    (element) => {
      const empty = {
        patient: { references: [], identifiers: [] },
        recipient: { references: [], identifiers: [], parents: [] },
      }
      const nothing =
        element in empty ? empty[element as keyof typeof empty] : element === 'purposeOfUse' ? [] : 'soon'
      fc.assert(
        fc.property(consents, resource, around, (versions, target, where) => {
          const asked = { ...requestOf(), [element]: nothing }
          const { effect, reason, basis } = decided(asked, versions, labelled(target), where)
          expect({ effect, reason, basis }).toEqual({
            effect: 'deny',
            reason: 'request-malformed',
            basis: [],
          })
        }),
      )
    },
  )

  test('of rules that are not the ones in force is refused', () => {
    const { effect, reason } = decided(requestOf(), [consentOf('a')], labelled(plan), {
      ...context,
      ruleSetVersion: '',
    })
    expect({ effect, reason }).toEqual({ effect: 'deny', reason: 'not-labelled' })
  })
})
