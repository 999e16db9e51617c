import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { at, isObject, kindOf, placesIn, replaceAt } from '#test/json-places.ts'
import type { Json, Path } from '#test/json-places.ts'
import { validResources } from '#test/valid-resources.ts'
import { profileUrl, validator } from '#test/validator.ts'

interface Place {
  readonly resource: Json
  readonly profile: string
  readonly path: Path
}

const resources: readonly Omit<Place, 'path'>[] = [
  { resource: copy(validResources.carePlan), profile: profileUrl('careplan') },
  { resource: copy(validResources.encounter), profile: profileUrl('encounter') },
  { resource: copy(validResources.condition), profile: profileUrl('condition') },
  { resource: copy(validResources.consent), profile: profileUrl('consent') },
]

const json: fc.Arbitrary<Json> = fc.json({ maxDepth: 4 }).map((text) => JSON.parse(text))

function everyPlace(isWanted: (value: Json) => boolean = () => true): Place[] {
  return resources.flatMap((entry) => placesIn(entry.resource, isWanted).map((path) => ({ ...entry, path })))
}

/** What a choice of types is called in JSON and in FHIRPath, in these resources. */
const choices: Readonly<Record<string, string>> = { detailQuantity: 'detail', scheduledPeriod: 'scheduled' }

/** `CarePlan.contained[0].id`. */
function fhirPath({ resource, path }: Place): string {
  const root = JSON.stringify(at(resource, 'resourceType')).replaceAll('"', '')
  return path.reduce<string>(
    (text, key) => text + (typeof key === 'number' ? `[${key}]` : `.${choices[key] ?? key}`),
    root,
  )
}

function validateWith({ resource, profile, path }: Place, replace: (old: Json) => Json | undefined) {
  return validator.validate(replaceAt(resource, path, replace), profile)
}

function copy(resource: object): Json {
  return JSON.parse(JSON.stringify(resource))
}

test('a valid resource is valid whatever the order of its properties', () => {
  for (const { resource, profile } of resources) {
    const reversed: unknown = JSON.parse(JSON.stringify(resource), (_, value: Json) =>
      isObject(value) ? Object.fromEntries(Object.entries(value).toReversed()) : value,
    )
    expect(validator.validate(resource, profile)).toEqual([])
    expect(validator.validate(reversed, profile)).toEqual([])
  }
})

describe('anywhere in a resource', () => {
  test('a property that R4 does not know is refused, and named', () => {
    const name = fc.stringMatching(/^[a-z][A-Za-z]{0,11}$/).map((text) => `${text}Qq`)
    fc.assert(
      fc.property(fc.constantFrom(...everyPlace(isObject)), name, json, (place, unknown, value) => {
        const faults = validateWith(place, (old) => ({ ...(isObject(old) ? old : {}), [unknown]: value }))
        expect(faults.map(({ expression }) => expression)).toContain(`${fhirPath(place)}.${unknown}`)
      }),
      { numRuns: 300 },
    )
  })

  test('null, an empty string, an empty list and an empty object are refused', () => {
    const empty = fc.constantFrom<Json>(null, '', ' ', [], {}, [[]], [{}])
    fc.assert(
      fc.property(fc.constantFrom(...everyPlace()), empty, (place, value) => {
        expect(validateWith(place, () => value)).not.toEqual([])
      }),
      { numRuns: 500 },
    )
  })

  test('a value of another JSON type is refused', () => {
    const other = fc.constantFrom<Json>(true, 7, 'x', [true], { x: 1 })
    fc.assert(
      fc.property(fc.constantFrom(...everyPlace()), other, (place, value) => {
        fc.pre(kindOf(place.path.reduce<Json | undefined>(at, place.resource)) !== kindOf(value))
        expect(validateWith(place, () => value)).not.toEqual([])
      }),
      { numRuns: 500 },
    )
  })

  test('any JSON is judged without an exception, and left as it was', () => {
    fc.assert(
      fc.property(fc.constantFrom(...everyPlace()), json, ({ resource, profile, path }, value) => {
        const changed = replaceAt(resource, path, () => value)
        const before = JSON.stringify(changed)
        expect(validator.validate(changed, profile)).toBeInstanceOf(Array)
        expect(JSON.stringify(changed)).toBe(before)
      }),
      { numRuns: 500 },
    )
  })
})

test('JSON that is no resource is always refused', () => {
  fc.assert(
    fc.property(
      json,
      fc.constantFrom(undefined, ...resources.map(({ profile }) => profile)),
      (value, profile) => {
        expect(validator.validate(value, profile)).not.toEqual([])
      },
    ),
  )
})

describe('an element that is required is reported missing at its own path', () => {
  // Written from R4 and the profiles, so that the test does not repeat the code.
  const required = `
    CarePlan.status CarePlan.intent CarePlan.subject CarePlan.activity[0].detail.status
    CarePlan.contained[0].lifecycleStatus CarePlan.contained[0].description CarePlan.contained[0].subject
    Encounter.status Encounter.class Encounter.subject
    Condition.code Condition.subject
    Consent.status Consent.scope Consent.category Consent.patient
    Consent.provision.actor[0].role Consent.provision.actor[0].reference`

  test.each(required.trim().split(/\s+/))('%s', (name) => {
    const [place] = everyPlace().filter((candidate) => fhirPath(candidate) === name)
    const faults = place ? validateWith(place, () => undefined) : []
    expect(faults.map(({ code, expression }) => [code, expression])).toContainEqual(['field-missing', name])
  })
})
