import { validateResource } from '@medplum/core'
import type { Resource } from '@medplum/fhirtypes'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { placesIn, replaceAt } from '#test/json-places.ts'
import type { Json } from '#test/json-places.ts'
import { mergePatch } from '#test/merge-patch.ts'
import { carePlan, validResources } from '#test/valid-resources.ts'
import { profileAssets, profileUrl, validator } from '#test/validator.ts'

/** The validator of @medplum/core as a second opinion. docs/adr/0006-validation-beyond-medplum.md */
function medplumAccepts(resource: Json | undefined, url: string): boolean {
  const profile = profileAssets.profiles.find((candidate) => candidate.url === url)
  if (!profile) throw new Error(`no profile ${url}`)
  // A copy, since it changes what it validates; of any type, since to be wrong is the point.
  const wrong: Resource = JSON.parse(JSON.stringify(resource))
  try {
    validateResource(wrong, { profile })
    return true
  } catch {
    return false
  }
}

const bases: Readonly<Record<keyof typeof validResources, { resource: Json; profile: string }>> = {
  carePlan: { resource: copy(validResources.carePlan), profile: profileUrl('careplan') },
  encounter: { resource: copy(validResources.encounter), profile: profileUrl('encounter') },
  condition: { resource: copy(validResources.condition), profile: profileUrl('condition') },
  consent: { resource: copy(validResources.consent), profile: profileUrl('consent') },
}
const every = Object.values(bases)
const [goal] = carePlan.contained

/** What @medplum/core lets through and ours refuses. A case that it learns to refuse fails here, and is then deleted. */
const onlyOurs: readonly { title: string; base: keyof typeof validResources; with: object }[] = [
  { title: 'a code outside its required value set', base: 'carePlan', with: { status: 'ongoing' } },
  { title: 'an object where a code belongs', base: 'carePlan', with: { status: { id: 'x' } } },
  { title: 'an empty list of resources', base: 'encounter', with: { contained: [] } },
  { title: 'two types of one choice', base: 'condition', with: { onsetString: 'x', onsetDateTime: '2026' } },
  {
    title: 'resourceType inside a data type',
    base: 'carePlan',
    with: { subject: { resourceType: 'Patient' } },
  },
  { title: 'a name that only JavaScript objects have', base: 'carePlan', with: { constructor: 'x' } },
  {
    title: 'an underscore before what is not primitive',
    base: 'carePlan',
    with: { _goal: [{ display: 'x' }] },
  },
  { title: 'an object with nothing but an id (ele-1)', base: 'condition', with: { severity: { id: 'x' } } },
  { title: 'a reference to another type', base: 'carePlan', with: { subject: { type: 'Device' } } },
  {
    title: 'a reference to a contained resource that is not there (ref-1)',
    base: 'carePlan',
    with: { addresses: [{ reference: '#x' }] },
  },
  {
    title: 'a contained resource of no type',
    base: 'carePlan',
    with: { contained: [goal, { id: 'b' }] },
  },
  {
    title: 'a contained resource that nothing refers to (dom-3)',
    base: 'carePlan',
    with: { contained: [goal, { ...goal, id: 'b' }] },
  },
  {
    title: 'a script in the narrative',
    base: 'carePlan',
    with: {
      text: {
        status: 'generated',
        div: '<div xmlns="http://www.w3.org/1999/xhtml"><script>x</script></div>',
      },
    },
  },
  {
    title: 'a period that ends before it starts, in another time zone (per-1)',
    base: 'encounter',
    with: { period: { start: '2026-03-01T10:00:00+02:00', end: '2026-03-01T11:00:00+05:00' } },
  },
  { title: 'a time of day without a time zone', base: 'carePlan', with: { created: '2026-01-01T10:00:00' } },
  { title: 'half of a surrogate pair', base: 'carePlan', with: { title: '\ud83d' } },
]

describe('@medplum/core as a second opinion', () => {
  test.each(every)('accepts what we call valid: $profile', ({ resource, profile }) => {
    expect(medplumAccepts(resource, profile)).toBe(true)
    expect(validator.validate(resource, profile)).toEqual([])
  })

  test('refuses nothing that we accept', () => {
    const places = every.flatMap((base) =>
      placesIn(base.resource, () => true).map((path) => ({ ...base, path })),
    )
    // Values of every type and of the formats that the resources hold, so that some changes are right and some are not.
    const value = fc.oneof(
      fc.constantFrom<Json | undefined>(
        undefined,
        null,
        '',
        true,
        0,
        'x',
        'active',
        '2026-01-01',
        '2026-01-01T10:00:00Z',
        '#sleep',
      ),
      fc.constantFrom<Json>(
        [],
        {},
        ['x'],
        { reference: 'Patient/x' },
        { text: 'x' },
        { id: 'x' },
        { start: '2027-01-01' },
      ),
      fc.constantFrom(...every.flatMap(({ resource }) => valuesIn(resource))),
      fc.json({ maxDepth: 2 }).map((text): Json => JSON.parse(text)),
    )
    let accepted = 0
    fc.assert(
      fc.property(fc.constantFrom(...places), value, ({ resource, profile, path }, next) => {
        fc.pre(path.length > 0)
        const changed = replaceAt(resource, path, () => next)
        const isValid = validator.validate(changed, profile).length === 0
        accepted += isValid ? 1 : 0
        expect(isValid && !medplumAccepts(changed, profile)).toBe(false)
      }),
      { numRuns: 1500 },
    )
    expect(accepted).toBeGreaterThan(50)
  })

  test.each(onlyOurs)('lets through, and we do not: $title', ({ base, with: patch }) => {
    const { resource, profile } = bases[base]
    const changed = copy(mergePatch(resource, patch))
    expect(medplumAccepts(changed, profile)).toBe(true)
    expect(validator.validate(changed, profile)).not.toEqual([])
  })
})

function copy(resource: unknown): Json {
  return JSON.parse(JSON.stringify(resource))
}

function valuesIn(resource: Json): Json[] {
  const values: Json[] = []
  placesIn(resource, (value) => values.push(value) > 0)
  return values
}
