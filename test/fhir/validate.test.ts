import { describe, expect, test } from 'vitest'
import { mergePatch } from '#test/merge-patch.ts'
import { carePlan, validResources } from '#test/valid-resources.ts'
import { validator } from '#test/validator.ts'

/** `with` is a merge patch of a valid resource; `want` is every fault, as `code expression`. */
interface Case {
  readonly title: string
  readonly spec: string
  readonly base: keyof typeof validResources
  readonly with: object
  readonly want: readonly string[]
}

const [goal] = carePlan.contained
const R4 = 'https://hl7.org/fhir/R4'

const structure: Case[] = [
  {
    title: 'a property that R4 does not have',
    spec: `${R4}/json.html`,
    base: 'carePlan',
    with: { owner: 'x' },
    want: ['field-invalid CarePlan.owner'],
  },
  {
    title: 'the same, deep inside',
    spec: `${R4}/json.html`,
    base: 'carePlan',
    with: { activity: [{ detail: { status: 'scheduled', secret: true } }] },
    want: ['field-invalid CarePlan.activity[0].detail.secret'],
  },
  {
    title: 'an underscore before an element that is not primitive',
    spec: `${R4}/json.html#primitive`,
    base: 'carePlan',
    with: { _activity: [{ secret: 'x' }] },
    want: ['field-invalid CarePlan._activity'],
  },
  {
    title: 'resourceType inside a data type',
    spec: `${R4}/json.html#resources`,
    base: 'carePlan',
    with: { subject: { resourceType: 'Patient' } },
    want: ['field-invalid CarePlan.subject.resourceType'],
  },
  {
    title: 'a name that only JavaScript objects have',
    spec: `${R4}/json.html`,
    base: 'carePlan',
    with: { constructor: 'x', toString: 'x', _valueOf: {} },
    want: [
      'field-invalid CarePlan.constructor',
      'field-invalid CarePlan.toString',
      'field-invalid CarePlan._valueOf',
    ],
  },
  {
    title: 'a choice of a type that R4 does not offer there',
    spec: `${R4}/formats.html#choice`,
    base: 'condition',
    with: { onsetBoolean: true },
    want: ['field-invalid Condition.onsetBoolean'],
  },
  {
    title: 'two types of one choice',
    spec: `${R4}/formats.html#choice`,
    base: 'condition',
    with: { onsetString: 'i vinter', onsetDateTime: '2026-01' },
    want: ['field-invalid Condition.onset'],
  },
  {
    title: 'two types of one choice, one of them only extended',
    spec: `${R4}/formats.html#choice`,
    base: 'condition',
    with: {
      onsetString: 'i vinter',
      _onsetDateTime: { extension: [{ url: 'urn:x', valueCode: 'unknown' }] },
    },
    want: ['field-invalid Condition.onset'],
  },
  {
    title: 'a list where one value belongs',
    spec: `${R4}/json.html#primitive`,
    base: 'carePlan',
    with: { status: ['active'] },
    want: ['field-invalid CarePlan.status'],
  },
  {
    title: 'one value where a list belongs',
    spec: `${R4}/json.html#primitive`,
    base: 'carePlan',
    with: { activity: { detail: { status: 'scheduled' } } },
    want: ['field-invalid CarePlan.activity'],
  },
  {
    title: 'an object where a code belongs',
    spec: `${R4}/json.html#primitive`,
    base: 'carePlan',
    with: { status: { id: 'x', extension: [{ url: 'urn:x', valueCode: 'unknown' }] } },
    want: ['field-invalid CarePlan.status'],
  },
  {
    title: 'a string where an object belongs',
    spec: `${R4}/json.html#complex`,
    base: 'carePlan',
    with: { subject: 'Patient/patient-134418' },
    want: ['field-invalid CarePlan.subject'],
  },
  {
    title: 'an id that could not stand in a URL',
    spec: `${R4}/resource.html#id`,
    base: 'carePlan',
    with: { id: 'plan 1' },
    want: ['field-invalid CarePlan.id'],
  },
  {
    title: 'an empty string',
    spec: `${R4}/datatypes.html#string`,
    base: 'carePlan',
    with: { title: '' },
    want: ['field-invalid CarePlan.title'],
  },
  {
    title: 'an empty list',
    spec: `${R4}/json.html#primitive`,
    base: 'carePlan',
    with: { activity: [] },
    want: ['field-invalid CarePlan.activity'],
  },
  {
    title: 'an empty object',
    spec: `${R4}/element.html#invs`,
    base: 'condition',
    with: { severity: {} },
    want: ['field-invalid Condition.severity'],
  },
  {
    title: 'an object with nothing but an id',
    spec: `${R4}/element.html#invs`,
    base: 'condition',
    with: { severity: { id: 'x' } },
    want: ['field-invalid Condition.severity'],
  },
  {
    title: 'null in a list',
    spec: `${R4}/json.html#primitive`,
    base: 'carePlan',
    with: { activity: [null, { detail: { status: 'scheduled' } }] },
    want: ['field-invalid CarePlan.activity[0]'],
  },
  {
    title: 'null in a list of primitives, without an extension in its place',
    spec: `${R4}/json.html#primitive`,
    base: 'carePlan',
    with: { instantiatesUri: ['urn:x', null], _instantiatesUri: [{ id: 'a' }, null] },
    want: ['field-invalid CarePlan.instantiatesUri[1]'],
  },
  {
    title: 'an extension beside no value and without content',
    spec: `${R4}/element.html#invs`,
    base: 'carePlan',
    with: { title: null, _title: { id: 'a' } },
    want: ['field-invalid CarePlan.title'],
  },
  {
    title: 'an extension of a primitive with an unknown property',
    spec: `${R4}/json.html#primitive`,
    base: 'carePlan',
    with: { _title: { secret: 'x' } },
    want: ['field-invalid CarePlan.title.secret'],
  },
  {
    title: 'a string beside a primitive, where its extensions belong',
    spec: `${R4}/json.html#primitive`,
    base: 'carePlan',
    with: { _title: 'x' },
    want: ['field-invalid CarePlan.title'],
  },
  {
    title: 'a required element that is absent',
    spec: `${R4}/careplan.html`,
    base: 'carePlan',
    with: { status: null, subject: null },
    want: ['field-missing CarePlan.status', 'field-missing CarePlan.subject'],
  },
  {
    title: 'a required element that is absent deep inside',
    spec: `${R4}/consent.html`,
    base: 'consent',
    with: { provision: { actor: [{ role: { text: 'modtager' } }] } },
    want: ['field-missing Consent.provision.actor[0].reference'],
  },
  {
    title: 'a required code that is only extended: nothing may be decided by it',
    spec: 'docs/adr/0006-validation-beyond-medplum.md',
    base: 'consent',
    with: { status: null, _status: { extension: [{ url: 'urn:x', valueCode: 'unknown' }] } },
    want: ['field-missing Consent.status'],
  },
  {
    title: 'a nested provision, which is built like the outer one',
    spec: `${R4}/elementdefinition-definitions.html#ElementDefinition.contentReference`,
    base: 'consent',
    with: { provision: { provision: [{ type: 'deny', provision: [{ typ: 'deny' }] }] } },
    want: ['field-invalid Consent.provision.provision[0].provision[0].typ'],
  },
]

const codes: Case[] = [
  {
    title: 'a code outside its required value set',
    spec: `${R4}/terminologies.html#required`,
    base: 'carePlan',
    with: { status: 'ongoing' },
    want: ['code-unknown CarePlan.status'],
  },
  {
    title: 'a code of another case',
    spec: `${R4}/datatypes.html#code`,
    base: 'consent',
    with: { provision: { type: 'Permit' } },
    want: ['code-unknown Consent.provision.type'],
  },
  {
    title: 'the right code in another system',
    spec: `${R4}/terminologies.html#required`,
    base: 'condition',
    with: { clinicalStatus: { coding: [{ system: 'urn:x', code: 'active' }] } },
    want: ['code-unknown Condition.clinicalStatus'],
  },
  {
    title: 'text alone where a code is required',
    spec: `${R4}/terminologies.html#required`,
    base: 'condition',
    with: { clinicalStatus: { coding: null, text: 'aktiv' } },
    want: ['code-unknown Condition.clinicalStatus'],
  },
]

const references: Case[] = [
  {
    title: 'a reference to a type that the element does not take',
    spec: `${R4}/references.html`,
    base: 'carePlan',
    with: { subject: { reference: 'Organization/x' } },
    want: ['field-invalid CarePlan.subject.reference'],
  },
  {
    title: 'the same by absolute URL, of a version',
    spec: `${R4}/references.html#literal`,
    base: 'carePlan',
    with: { subject: { reference: 'https://ehr.example/fhir/Organization/x/_history/2' } },
    want: ['field-invalid CarePlan.subject.reference'],
  },
  {
    title: 'the same in a reference that awaits its id',
    spec: 'src/mapping/source-record.ts',
    base: 'carePlan',
    with: { subject: { reference: 'urn:sluse:source:Organization/x' } },
    want: ['field-invalid CarePlan.subject.reference'],
  },
  {
    title: 'the same by Reference.type',
    spec: `${R4}/references-definitions.html#Reference.type`,
    base: 'carePlan',
    with: { subject: { reference: null, type: 'Organization', identifier: { system: 'urn:x', value: '1' } } },
    want: ['field-invalid CarePlan.subject.type'],
  },
  {
    title: 'a type that says another than the reference',
    spec: `${R4}/references-definitions.html#Reference.type`,
    base: 'carePlan',
    with: { subject: { type: 'Group' } },
    want: ['field-invalid CarePlan.subject.type'],
  },
  {
    title: 'a type that R4 does not have, where any is taken',
    spec: `${R4}/references.html`,
    base: 'carePlan',
    with: { supportingInfo: [{ reference: 'Foo/x' }] },
    want: ['field-invalid CarePlan.supportingInfo[0].reference'],
  },
  {
    title: 'a conditional reference, which only a transaction resolves',
    spec: `${R4}/http.html#trules`,
    base: 'carePlan',
    with: { subject: { reference: 'Patient?identifier=urn:x|1' } },
    want: ['field-invalid CarePlan.subject.reference'],
  },
  {
    title: 'a reference that is neither typed nor absolute',
    spec: `${R4}/references.html#literal`,
    base: 'carePlan',
    with: { subject: { reference: 'patient-134418' } },
    want: ['field-invalid CarePlan.subject.reference'],
  },
]

const contained: Case[] = [
  {
    title: 'a reference to a contained resource that is not there',
    spec: `${R4}/references.html#invs`,
    base: 'carePlan',
    with: { addresses: [{ reference: '#x' }] },
    want: ['profile-violation CarePlan.addresses[0].reference'],
  },
  {
    title: 'a reference to a contained resource of another type',
    spec: `${R4}/references.html`,
    base: 'carePlan',
    with: { addresses: [{ reference: '#sleep' }] },
    want: ['field-invalid CarePlan.addresses[0].reference'],
  },
  {
    title: 'a contained resource that nothing refers to (dom-3)',
    spec: `${R4}/domainresource.html#invs`,
    base: 'carePlan',
    with: { contained: [goal, { ...goal, id: 'stray' }] },
    want: ['profile-violation CarePlan.contained[1]'],
  },
  {
    title: 'a contained resource that only refers to itself (dom-3)',
    spec: `${R4}/domainresource.html#invs`,
    base: 'carePlan',
    with: { contained: [goal, { ...goal, id: 'stray', addresses: [{ reference: '#stray' }] }] },
    want: [
      'profile-violation CarePlan.contained[1]',
      'field-invalid CarePlan.contained[1].addresses[0].reference',
    ],
  },
  {
    title: 'a contained resource without an id',
    spec: `${R4}/references.html#contained`,
    base: 'carePlan',
    with: { contained: [goal, mergePatch(goal, { id: null })] },
    want: ['field-missing CarePlan.contained[1].id'],
  },
  {
    title: 'two contained resources of one id',
    spec: `${R4}/references.html#contained`,
    base: 'carePlan',
    with: { contained: [goal, goal && { ...goal }] },
    want: ['field-invalid CarePlan.contained[1].id'],
  },
  {
    title: 'a contained resource inside a contained one (dom-2)',
    spec: `${R4}/domainresource.html#invs`,
    base: 'carePlan',
    with: { contained: [mergePatch(goal, { contained: [goal] })] },
    want: ['profile-violation CarePlan.contained[0].contained'],
  },
  {
    title: 'a contained resource with a version (dom-4)',
    spec: `${R4}/domainresource.html#invs`,
    base: 'carePlan',
    with: {
      contained: [mergePatch(goal, { meta: { versionId: '1', lastUpdated: '2026-01-05T10:15:00Z' } })],
    },
    want: [
      'profile-violation CarePlan.contained[0].meta.versionId',
      'profile-violation CarePlan.contained[0].meta.lastUpdated',
    ],
  },
  {
    title: 'a contained resource with labels of its own (dom-5)',
    spec: `${R4}/domainresource.html#invs`,
    base: 'carePlan',
    with: { contained: [mergePatch(goal, { meta: { security: [{ system: 'urn:x', code: 'N' }] } })] },
    want: ['profile-violation CarePlan.contained[0].meta.security'],
  },
  {
    title: 'a contained resource that breaks the rules of its own type',
    spec: `${R4}/goal.html`,
    base: 'carePlan',
    with: { contained: [mergePatch(goal, { lifecycleStatus: 'open', description: null, secret: 'x' })] },
    want: [
      'code-unknown CarePlan.contained[0].lifecycleStatus',
      'field-invalid CarePlan.contained[0].secret',
      'field-missing CarePlan.contained[0].description',
    ],
  },
  {
    title: 'a contained resource of a type that Sluse cannot judge',
    spec: 'docs/adr/0006-validation-beyond-medplum.md',
    base: 'carePlan',
    with: { contained: [goal, { resourceType: 'Binary', id: 'b', contentType: 'text/plain' }] },
    want: ['field-invalid CarePlan.contained[1].resourceType', 'profile-violation CarePlan.contained[1]'],
  },
  {
    title: 'a contained resource of no type',
    spec: `${R4}/json.html#resources`,
    base: 'carePlan',
    with: { contained: [mergePatch(goal, { resourceType: null })] },
    want: ['field-missing CarePlan.contained[0].resourceType'],
  },
  {
    title: 'a narrative that runs code',
    spec: `${R4}/narrative.html#xhtml`,
    base: 'carePlan',
    with: {
      text: {
        status: 'generated',
        div: '<div xmlns="http://www.w3.org/1999/xhtml"><script>alert(1)</script></div>',
      },
    },
    want: ['field-invalid CarePlan.text.div'],
  },
]

const accepted: Case[] = [
  {
    title: 'an extension of a primitive, beside its value',
    spec: `${R4}/json.html#primitive`,
    base: 'carePlan',
    with: { _title: { id: 'title' }, _description: { extension: [{ url: 'urn:x', valueCode: 'unknown' }] } },
    want: [],
  },
  {
    title: 'null as the place of a value, and of an extension, in a list of primitives',
    spec: `${R4}/json.html#primitive`,
    base: 'carePlan',
    with: {
      instantiatesUri: ['urn:x', null],
      _instantiatesUri: [null, { extension: [{ url: 'urn:x', valueCode: 'unknown' }] }],
    },
    want: [],
  },
  {
    title: 'references by identifier, by URN, by URL and by our own source key',
    spec: `${R4}/references.html`,
    base: 'carePlan',
    with: {
      subject: { reference: 'urn:sluse:source:Patient/x' },
      encounter: { reference: 'https://ehr.example/fhir/Encounter/1/_history/2' },
      author: { type: 'Organization', identifier: { system: 'urn:x', value: '1' } },
      careTeam: [{ reference: 'urn:uuid:0b3e7f2c-8f2e-4f0e-9d57-0e5a3c6d3f10' }],
    },
    want: [],
  },
  {
    title: 'a contained resource that refers to its container, and is referred to by none',
    spec: `${R4}/references.html#contained`,
    base: 'carePlan',
    with: {
      contained: [
        goal,
        {
          resourceType: 'Task',
          id: 'task',
          status: 'requested',
          intent: 'plan',
          focus: { reference: '#' },
        },
      ],
    },
    want: [],
  },
  {
    title: 'a contained resource that only a canonical or a URI refers to, and a URI that finds none',
    spec: `${R4}/domainresource.html#invs`,
    base: 'carePlan',
    with: { contained: [goal, { ...goal, id: 'b' }], instantiatesCanonical: ['#b'], instantiatesUri: ['#x'] },
    want: [],
  },
  {
    title: 'one coding of the value set beside another that is not',
    spec: `${R4}/terminologies.html#required`,
    base: 'condition',
    with: {
      clinicalStatus: {
        coding: [
          { system: 'urn:x', code: 'aktiv' },
          { system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' },
        ],
      },
    },
    want: [],
  },
]

describe.each(Object.entries({ structure, codes, references, contained, accepted }))('%s', (_, cases) => {
  test.each(cases)('$title', ({ base, with: patch, want }) => {
    const faults = validator.validate(mergePatch(validResources[base], patch))
    expect(faults.map(({ code, expression }) => `${code} ${expression}`)).toEqual(want)
  })
})

describe('what is not a resource', () => {
  test.each([
    [undefined, 'found nothing; send a FHIR resource'],
    [null, 'found null; send a FHIR resource'],
    ['CarePlan', 'found a string of 8 characters; send a FHIR resource'],
    [[carePlan], 'found a list of 1; send a FHIR resource'],
    [new Map(), 'found a value of type object; send a FHIR resource'],
  ])('%o', (value, text) => {
    expect(validator.validate(value)).toEqual([{ code: 'field-invalid', text }])
  })

  test('no resource type', () => {
    expect(validator.validate({})).toEqual([
      {
        code: 'field-missing',
        expression: 'resourceType',
        text: 'a resource requires `resourceType`; add it',
      },
    ])
  })

  test.each(['Binary', 'DomainResource', 'Resource', 'Period', 'BundleEntry', 'constructor', 7, null])(
    'a resource type that Sluse does not accept: %o',
    (resourceType) => {
      const found =
        typeof resourceType === 'string'
          ? `\`${resourceType}\``
          : resourceType === null
            ? 'null'
            : 'a value of type number'
      const text = `found ${found}, which Sluse does not accept; the CapabilityStatement lists what it does`
      expect(validator.validate({ resourceType })).toEqual([
        { code: 'field-invalid', expression: 'resourceType', text },
      ])
    },
  )
})

describe('what a fault says', () => {
  test('what was found and what to do next', () => {
    const plan = mergePatch(carePlan, {
      owner: 'x',
      status: 'ongoing',
      intent: null,
      title: 7,
      created: '2026-02-30',
      subject: { reference: 'Device/x' },
    })
    expect(validator.validate(plan)).toEqual([
      {
        code: 'code-unknown',
        expression: 'CarePlan.status',
        text: 'found `ongoing`; send one of `active`, `completed`, `draft`, `entered-in-error`, `on-hold`, `revoked`, `unknown`',
      },
      {
        code: 'field-invalid',
        expression: 'CarePlan.title',
        text: 'found a value of type number; send a string',
      },
      {
        code: 'field-invalid',
        expression: 'CarePlan.subject.reference',
        text: 'found a reference to `Device`; refer to `Patient` or `Group`',
      },
      {
        code: 'field-invalid',
        expression: 'CarePlan.owner',
        text: 'found `owner`, which CarePlan does not have in FHIR R4; remove it',
      },
      {
        code: 'field-invalid',
        expression: 'CarePlan.created',
        text: 'found a string of 10 characters; send a day that the calendar has',
      },
      { code: 'field-missing', expression: 'CarePlan.intent', text: 'CarePlan requires `intent`; add it' },
    ])
  })

  test('a constraint is named, with what it asks for', () => {
    const plan = mergePatch(carePlan, { period: { start: '2026-07-01' } })
    expect(validator.validate(plan)).toEqual([
      {
        code: 'profile-violation',
        expression: 'CarePlan.period',
        text: 'constraint `per-1` does not hold: If present, start SHALL have a lower value than end',
      },
    ])
  })

  test('a property name that could be a person number is not repeated', () => {
    const [fault] = validator.validate(mergePatch(carePlan, { cpr2509479989: 'x' }))
    expect(fault).toEqual({
      code: 'field-invalid',
      expression: 'CarePlan',
      text: 'found a property that is no element name, which CarePlan does not have in FHIR R4; remove it',
    })
  })

  test('no value of a resource is ever repeated', () => {
    const secret = 'Hemmelig 2509479989'
    const everywhere = JSON.parse(
      JSON.stringify(carePlan, (_, value: unknown) =>
        typeof value === 'string' && value !== 'CarePlan' && value !== 'Goal' ? secret : value,
      ),
    )
    const faults = validator.validate(everywhere)
    expect(faults.length).toBeGreaterThan(10)
    expect(JSON.stringify(faults)).not.toContain('2509479989')
  })

  test('at most a hundred faults are told', () => {
    const activity = Array.from({ length: 500 }, () => ({ secret: 1 }))
    expect(validator.validate({ ...carePlan, activity })).toHaveLength(100)
  })
})

describe('hostile input', () => {
  test('an own property named __proto__, as JSON.parse makes it', () => {
    const plan = JSON.parse(`{"__proto__": {"status": "active"}, ${JSON.stringify(carePlan).slice(1)}`)
    expect(validator.validate(plan)).toEqual([
      expect.objectContaining({ code: 'field-invalid', expression: 'CarePlan' }),
    ])
  })

  test.each([
    [64, 0],
    [65, 1],
    [5000, 1],
  ])('extensions nested so that the deepest value is at level %i', (levels, faults) => {
    let extension: object = { url: 'urn:x', valueCode: 'x' }
    for (let level = 1; level < levels; level += 1) extension = { url: 'urn:x', extension: [extension] }
    expect(validator.validate({ ...carePlan, extension: [extension] })).toHaveLength(faults)
  })

  test('a property that is present and undefined', () => {
    expect(validator.validate({ ...carePlan, title: undefined })).toEqual([
      expect.objectContaining({ code: 'field-invalid', expression: 'CarePlan.title' }),
    ])
  })
})

describe('resources that carry others', () => {
  test('each entry of a Bundle is judged by itself', () => {
    const entry = [
      {
        fullUrl: 'urn:uuid:0b3e7f2c-8f2e-4f0e-9d57-0e5a3c6d3f10',
        resource: { ...carePlan, status: 'ongoing' },
      },
      {
        fullUrl: 'urn:uuid:1b3e7f2c-8f2e-4f0e-9d57-0e5a3c6d3f10',
        resource: { ...carePlan, addresses: [{ reference: '#x' }] },
      },
      { resource: { resourceType: 'Binary', contentType: 'text/plain' } },
    ]
    const faults = validator.validate({ resourceType: 'Bundle', type: 'collection', entry })
    expect(faults.map(({ code, expression }) => `${code} ${expression}`)).toEqual([
      'code-unknown Bundle.entry[0].resource.status',
      'profile-violation Bundle.entry[1].resource.addresses[0].reference',
      'field-invalid Bundle.entry[2].resource.resourceType',
    ])
  })

  test('a resource in Parameters is judged, and its labels are its own', () => {
    const parameter = [{ name: 'event', resource: carePlan }]
    expect(validator.validate({ resourceType: 'Parameters', parameter })).toEqual([])
  })
})
