import type { CarePlan, Condition, Resource } from '@medplum/fhirtypes'
import { describe, expect, test } from 'vitest'
import { heldTypes } from '#fhir/held-types.ts'
import { mandatoryElements } from '#fhir/element-names.ts'
import { subset } from '#redact/subset.ts'
import { profileAssets, validator } from '#test/validator.ts'

const SUBSETTED = { system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'SUBSETTED' }
const security = [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' }]
const plan = {
  resourceType: 'CarePlan',
  id: 'p',
  meta: { versionId: '1', security },
  text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">Plan</div>' },
  contained: [
    {
      resourceType: 'Goal',
      id: 'g',
      lifecycleStatus: 'active',
      description: { text: 'Ro' },
      subject: { reference: 'Patient/x' },
    },
  ],
  status: 'active',
  _status: { extension: [{ url: 'https://example.org/why', valueString: 'x' }] },
  intent: 'plan',
  title: 'Plan',
  description: 'Om planen',
  subject: { reference: 'Patient/x' },
  goal: [{ reference: '#g' }],
  note: [{ text: 'Note' }],
} as CarePlan
const kept = (resource: Resource): string[] => Object.keys(resource)
const ALWAYS = ['resourceType', 'id', 'meta']
const MANDATORY = ['status', '_status', 'intent', 'subject']

// https://hl7.org/fhir/R4/search.html#summary and #elements
describe('a subset', () => {
  const cases = [
    { title: 'of elements', asked: { elements: ['title'] }, want: [...ALWAYS, ...MANDATORY, 'title'] },
    {
      title: 'of elements, with the contained that they point to',
      asked: { elements: ['goal'] },
      want: ['resourceType', 'id', 'meta', 'contained', ...MANDATORY, 'goal'],
    },
    { title: 'text', asked: { summary: 'text' }, want: ['resourceType', 'id', 'meta', 'text', ...MANDATORY] },
    { title: 'data', asked: { summary: 'data' }, want: kept(plan).filter((key) => key !== 'text') },
    { title: 'true', asked: { summary: 'true' }, want: [...ALWAYS, ...MANDATORY, 'title', 'description'] },
  ] as const
  test.for(cases)('$title', ({ asked, want }) => {
    const { resource } = subset({ resource: plan }, asked)
    expect(kept(resource).toSorted()).toEqual([...want].toSorted())
    expect(resource.meta).toEqual({ versionId: '1', security, tag: [SUBSETTED] })
    expect(validator.validate(resource)).toEqual([])
  })

  test('of a choice, by the name of the element', () => {
    const problem: Condition = {
      resourceType: 'Condition',
      subject: { reference: 'Patient/x' },
      onsetDateTime: '2026',
      recordedDate: '2026',
    }
    expect(kept(subset({ resource: problem }, { elements: ['onset'] }).resource)).toEqual([
      'resourceType',
      'subject',
      'onsetDateTime',
      'meta',
    ])
  })

  test('says once that it is one, also of what was redacted', () => {
    const redacted = { ...plan, meta: { ...plan.meta, tag: [SUBSETTED] } }
    expect(subset({ resource: redacted }, { elements: ['title'] }).resource.meta?.tag).toEqual([SUBSETTED])
  })

  test('is the whole when nothing is asked, and keeps what comes with it', () => {
    const released = { resource: plan, decision: 'permit' }
    expect(subset(released, {})).toBe(released)
    expect(subset(released, { summary: 'data' }).decision).toBe('permit')
    expect(plan.text).toBeDefined()
  })
})

test('every modifier of every type that is held is kept', () => {
  for (const type of heldTypes) {
    const definition = profileAssets.definitions.find((each) => each.type === type)
    const modifiers = (definition?.snapshot?.element ?? []).flatMap(({ path, isModifier }) =>
      isModifier && path.split('.').length === 2 ? [path.slice(type.length + 1)] : [],
    )
    expect(modifiers.length).toBeGreaterThan(1)
    expect(modifiers.filter((name) => !mandatoryElements(type).has(name))).toEqual([])
  }
})
