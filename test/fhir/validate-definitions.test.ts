import type { ElementDefinition } from '@medplum/fhirtypes'
import { describe, expect, test } from 'vitest'
import { createValidator } from '#fhir/validate.ts'
import { mergePatch } from '#test/merge-patch.ts'
import { carePlan } from '#test/valid-resources.ts'
import { profileAssets, profileUrl } from '#test/validator.ts'

/** What a profile may say: our CarePlan profile, with one element changed or added. https://hl7.org/fhir/R4/profiling.html */
function validateBy(
  rules: readonly (Partial<ElementDefinition> & { path: string })[],
  patch: object,
): string[] {
  const profiles = profileAssets.profiles.map((profile) => {
    if (profile.url !== profileUrl('careplan')) return profile
    const element = (profile.snapshot?.element ?? []).map((known) => ({
      ...known,
      ...rules.find(({ path }) => path === known.path),
    }))
    const added = rules.filter(({ path }) => !element.some((known) => known.path === path))
    return { ...profile, snapshot: { element: [...element, ...added] } }
  })
  const validator = createValidator({ ...profileAssets, profiles })
  return validator
    .validate(mergePatch(carePlan, patch), profileUrl('careplan'))
    .map(({ code, expression }) => `${code} ${expression}`)
}

function constraint(expression: string) {
  return [{ key: 'x-1', severity: 'error' as const, human: 'x', expression }]
}

const note = { text: 'x' }
const identifier = { system: 'urn:x', value: '1' }

describe('cardinality', () => {
  const atMostOne = [{ path: 'CarePlan.note', max: '1' }]
  const atLeastTwo = [{ path: 'CarePlan.note', min: 2 }]

  test.each([
    ['a list that may hold one, with one', atMostOne, { note: [note] }, []],
    ['the same, with two', atMostOne, { note: [note, note] }, ['profile-violation CarePlan.note']],
    [
      'the same, as a single value: in JSON it is still a list',
      atMostOne,
      { note },
      ['field-invalid CarePlan.note'],
    ],
    ['a list that must hold two, with none', atLeastTwo, {}, ['field-missing CarePlan.note']],
    ['the same, with one', atLeastTwo, { note: [note] }, ['profile-violation CarePlan.note']],
    ['the same, with two', atLeastTwo, { note: [note, note] }, []],
  ])('%s', (_, rules, patch, want) => {
    expect(validateBy(rules, patch)).toEqual(want)
  })
})

describe('fixed and pattern values', () => {
  const code = { coding: [{ system: 'urn:x', code: '1' }] }
  const fixed = [{ path: 'CarePlan.category', fixedCodeableConcept: code }]
  const pattern = [{ path: 'CarePlan.category', patternCodeableConcept: code }]
  const richer = { coding: [{ system: 'urn:x', code: '1', display: 'x' }] }

  test.each([
    ['a fixed value', fixed, code, []],
    ['more than a fixed value', fixed, richer, ['profile-violation CarePlan.category[0]']],
    [
      'less than a fixed value',
      fixed,
      { coding: [{ system: 'urn:x' }] },
      ['profile-violation CarePlan.category[0]'],
    ],
    ['a pattern', pattern, code, []],
    ['more than a pattern', pattern, richer, []],
    [
      'less than a pattern',
      pattern,
      { coding: [{ system: 'urn:x' }] },
      ['profile-violation CarePlan.category[0]'],
    ],
    [
      'a pattern spread over two items',
      pattern,
      { coding: [{ system: 'urn:x' }, { code: '1' }] },
      ['profile-violation CarePlan.category[0]'],
    ],
  ])('%s', (_, rules, category, want) => {
    expect(validateBy(rules, { category: [category] })).toEqual(want)
  })
})

describe('the children of a data type', () => {
  const [system] = profileAssets.definitions.flatMap(
    ({ snapshot }) => snapshot?.element.filter(({ path }) => path === 'Identifier.system') ?? [],
  )
  const rules = [
    { ...system, path: 'CarePlan.subject.reference', min: 1, max: '1', type: [{ code: 'string' }] },
    { path: 'CarePlan.subject', constraint: constraint('reference.exists()') },
  ]

  test('are judged by the profile', () => {
    expect(validateBy(rules, {})).toEqual([])
    expect(validateBy(rules, { subject: { reference: null } })).toEqual([
      'field-invalid CarePlan.subject',
      'field-missing CarePlan.subject.reference',
    ])
  })

  test('that the profile does not list are not there', () => {
    expect(validateBy(rules, { subject: { display: 'x' } })).toEqual([
      'field-invalid CarePlan.subject.display',
    ])
  })

  test('keep the rules of the type: a reference is still a reference', () => {
    expect(validateBy(rules, { subject: { reference: 'Group/x' } })).toEqual([
      'field-invalid CarePlan.subject.reference',
    ])
  })
})

describe('an invariant holds only if it is plainly true', () => {
  test.each([
    ['true', 'title.exists()', []],
    ['false', 'title.empty()', ['profile-violation CarePlan.period']],
    ['nothing', "period.start = '2026'", ['profile-violation CarePlan.period']],
    ['a value', 'start', ['profile-violation CarePlan.period']],
    ['two answers', 'true | false', ['profile-violation CarePlan.period']],
    ['an error', 'start.nonsense()', ['profile-violation CarePlan.period']],
  ])('%s', (_, expression, want) => {
    const inTitle = expression.startsWith('title')
      ? expression.replace('title', '%resource.title')
      : expression
    expect(validateBy([{ path: 'CarePlan.period', constraint: constraint(inTitle) }], {})).toEqual(want)
  })

  test('it sees the resource around it, and itself as context', () => {
    const expression =
      '%resource.title.exists() and %context.start.exists() and %rootResource.intent.exists()'
    expect(
      validateBy([{ path: 'CarePlan.period', constraint: constraint(expression) }], {
        identifier: [identifier],
      }),
    ).toEqual([])
  })
})
