import { describe, expect, test } from 'vitest'
import { mergePatch } from '#test/merge-patch.ts'
import { heldTypes, profileOf } from '#fhir/held-types.ts'
import {
  carePlan,
  careTeam,
  communication,
  condition,
  consent,
  documentReference,
  encounter,
  goal,
  observation,
  relatedPerson,
  serviceRequest,
  task,
} from '#test/valid-resources.ts'
import { profileAssets, profileUrl, validator } from '#test/validator.ts'

/** Cases of our profiles: what each asks for beyond R4. `spec` is the reason, `want` every fault. */
interface Case {
  readonly title: string
  readonly spec: string
  readonly with: object
  readonly want: readonly string[]
}

const understood = 'https://hl7.org/fhir/R4/extensibility.html#modifierExtension'
const matching = 'a consent is one patient’s'
const ref1 =
  'constraint `sluse-ref-1` does not hold: name whom is meant by `reference`, or by `identifier` with `system` and `value`: a display alone cannot be matched'

const aboutOnePatient: Case[] = [
  { title: 'as it is', spec: matching, with: {}, want: [] },
  {
    title: 'a subject by identifier',
    spec: matching,
    with: {
      subject: { reference: null, identifier: { system: 'urn:oid:1.2.208.176.1.2', value: '2509479989' } },
    },
    want: [],
  },
  { title: 'no subject', spec: matching, with: { subject: null }, want: ['field-missing subject'] },
  {
    title: 'a subject that is only a name',
    spec: matching,
    with: { subject: { reference: null, display: 'x' } },
    want: ['profile-violation subject'],
  },
  {
    title: 'a subject by a number of no system',
    spec: matching,
    with: { subject: { reference: null, identifier: { value: '1' } } },
    want: ['profile-violation subject'],
  },
  {
    title: 'a subject that is a group',
    spec: matching,
    with: { subject: { reference: 'Group/g' } },
    want: ['field-invalid subject.reference'],
  },
  {
    title: 'a modifier that Sluse does not understand',
    spec: understood,
    with: { modifierExtension: [{ url: 'urn:x', valueBoolean: true }] },
    want: ['profile-violation modifierExtension'],
  },
  {
    title: 'rules that Sluse does not know',
    spec: 'https://hl7.org/fhir/R4/resource.html#implicitRules',
    with: { implicitRules: 'urn:x' },
    want: ['profile-violation implicitRules'],
  },
]

const carePlans: Case[] = [
  {
    title: 'a plan of the least that R4 asks for',
    spec: 'profiles/sluse-careplan.fsh',
    with: { contained: null, title: null, period: null, author: null, goal: null, activity: null },
    want: [],
  },
  {
    title: 'an activity with a modifier',
    spec: understood,
    with: {
      activity: [
        { modifierExtension: [{ url: 'urn:x', valueBoolean: true }], detail: { status: 'scheduled' } },
      ],
    },
    want: ['profile-violation activity[0].modifierExtension'],
  },
]

const conditions: Case[] = [
  {
    title: 'text alone, and no clinical status: so GPs write',
    spec: 'profiles/sluse-condition.fsh',
    with: { clinicalStatus: null, code: { text: 'Søvnbesvær' } },
    want: [],
  },
  {
    title: 'a code without text',
    spec: 'profiles/sluse-condition.fsh',
    with: { code: { text: null, coding: [{ system: 'urn:oid:1.2.208.176.2.4', code: 'DF331' }] } },
    want: [],
  },
  {
    title: 'no code',
    spec: 'profiles/sluse-condition.fsh',
    with: { code: null },
    want: ['field-missing code'],
  },
  {
    title: 'a coding that says nothing',
    spec: 'profiles/sluse-condition.fsh',
    with: { code: { text: null, coding: [{ system: 'urn:oid:1.2.208.176.2.4' }] } },
    want: ['profile-violation code'],
  },
]

const [actor] = consent.provision.actor

/** In any status; what an active consent must say besides: test/capture. */
const consents: Case[] = [
  { title: 'as it is', spec: 'https://hl7.org/fhir/R4/consent.html', with: {}, want: [] },
  {
    title: 'a draft that says nothing yet',
    spec: 'consent K5',
    with: { status: 'draft', dateTime: null, provision: null },
    want: [],
  },
  { title: 'no scope', spec: 'consent V2', with: { scope: null }, want: ['field-missing scope'] },
  { title: 'no patient', spec: matching, with: { patient: null }, want: ['field-missing patient'] },
  {
    title: 'a patient by display',
    spec: matching,
    with: { patient: { reference: null, display: 'x' } },
    want: ['profile-violation patient'],
  },
  {
    title: 'neither policy nor policy rule (ppc-1)',
    spec: 'https://hl7.org/fhir/R4/consent.html#invs',
    with: { policyRule: null },
    want: ['profile-violation Consent'],
  },
  {
    title: 'a policy instead of a policy rule',
    spec: 'https://hl7.org/fhir/R4/consent.html#invs',
    with: { policyRule: null, policy: [{ uri: 'https://www.retsinformation.dk/eli/lta/2024/247' }] },
    want: [],
  },
  {
    title: 'a recipient that is only a name',
    spec: matching,
    with: { provision: { actor: [{ role: actor?.role, reference: { display: 'x' } }] } },
    want: ['profile-violation provision.actor[0].reference'],
  },
  {
    title: 'a rule with a modifier',
    spec: understood,
    with: { provision: { modifierExtension: [{ url: 'urn:x', valueBoolean: true }] } },
    want: ['profile-violation provision.modifierExtension'],
  },
]

const redactedByElement = 'an element that may be withheld must not change what is left: docs/adr/0003'
const modifier = { modifierExtension: [{ url: 'urn:x', valueBoolean: true }] }

// prettier-ignore
const goals: Case[] = [
  { title: 'text alone: the citizen’s own words', spec: 'profiles/sluse-goal.fsh', with: { description: { text: 'Vil sove' } }, want: [] },
  { title: 'a description that says nothing', spec: 'profiles/sluse-goal.fsh', with: { description: { text: null, coding: [{ system: 'urn:x' }] } }, want: ['profile-violation description'] },
  { title: 'no description', spec: 'https://hl7.org/fhir/R4/goal.html', with: { description: null }, want: ['field-missing description'] },
  { title: 'a status that R4 does not have', spec: 'https://hl7.org/fhir/R4/valueset-goal-status.html', with: { lifecycleStatus: 'wished' }, want: ['code-unknown lifecycleStatus'] },
  { title: 'a target without what is measured (gol-1)', spec: 'https://hl7.org/fhir/R4/goal.html#invs', with: { target: [{ detailInteger: 9 }] }, want: ['profile-violation target[0]'] },
  { title: 'a target with a modifier', spec: redactedByElement, with: { target: [modifier] }, want: ['profile-violation target[0].modifierExtension'] },
]

// prettier-ignore
const careTeams: Case[] = [
  { title: 'no more than whose team it is', spec: 'profiles/sluse-careteam.fsh', with: { status: null, name: null, period: null, participant: null, managingOrganization: null }, want: [] },
  { title: 'a status that R4 does not have', spec: 'https://hl7.org/fhir/R4/valueset-care-team-status.html', with: { status: 'running' }, want: ['code-unknown status'] },
  { title: 'a participant with a modifier', spec: redactedByElement, with: { participant: [modifier] }, want: ['profile-violation participant[0].modifierExtension'] },
]

// prettier-ignore
const observations: Case[] = [
  { title: 'a finding without a value', spec: 'profiles/sluse-observation.fsh', with: { valueInteger: null, component: null }, want: [] },
  { title: 'a code that says nothing', spec: 'profiles/sluse-observation.fsh', with: { code: { text: null, coding: [{ system: 'urn:x' }] } }, want: ['profile-violation code'] },
  { title: 'no code', spec: 'https://hl7.org/fhir/R4/observation.html', with: { code: null }, want: ['field-missing code'] },
  { title: 'a status that R4 does not have', spec: 'https://hl7.org/fhir/R4/valueset-observation-status.html', with: { status: 'done' }, want: ['code-unknown status'] },
  { title: 'a value and a reason for none (obs-6)', spec: 'https://hl7.org/fhir/R4/observation.html#invs', with: { dataAbsentReason: { text: 'x' } }, want: ['profile-violation Observation'] },
  { title: 'a component with a modifier', spec: redactedByElement, with: { component: [{ ...modifier, code: { text: 'x' } }] }, want: ['profile-violation component[0].modifierExtension'] },
  { title: 'a component whose code says nothing', spec: redactedByElement, with: { component: [{ code: { coding: [{ system: 'urn:x' }] } }] }, want: ['profile-violation component[0].code'] },
]

// prettier-ignore
const serviceRequests: Case[] = [
  { title: 'no code: nobody could decide about it', spec: 'profiles/sluse-servicerequest.fsh', with: { code: null }, want: ['field-missing code'] },
  { title: 'an intent that R4 does not have', spec: 'https://hl7.org/fhir/R4/valueset-request-intent.html', with: { intent: 'wish' }, want: ['code-unknown intent'] },
  { title: 'a priority that R4 does not have', spec: 'https://hl7.org/fhir/R4/valueset-request-priority.html', with: { priority: 'soon' }, want: ['code-unknown priority'] },
]

// prettier-ignore
const communications: Case[] = [
  { title: 'no payload: that a message was sent is a message', spec: 'profiles/sluse-communication.fsh', with: { payload: null }, want: [] },
  { title: 'a payload of nothing', spec: 'https://hl7.org/fhir/R4/communication.html', with: { payload: [{}] }, want: ['field-invalid payload[0]', 'field-missing payload[0].content'] },
  { title: 'a status that R4 does not have', spec: 'https://hl7.org/fhir/R4/valueset-event-status.html', with: { status: 'sent' }, want: ['code-unknown status'] },
  { title: 'a payload with a modifier', spec: redactedByElement, with: { payload: [{ ...modifier, contentString: 'x' }] }, want: ['profile-violation payload[0].modifierExtension'] },
]

// prettier-ignore
const documents: Case[] = [
  { title: 'kept elsewhere', spec: 'profiles/sluse-documentreference.fsh', with: { content: [{ attachment: { url: 'https://arkiv.example/1' } }] }, want: [] },
  { title: 'kept nowhere', spec: 'profiles/sluse-documentreference.fsh', with: { content: [{ attachment: { title: 'Brev' } }] }, want: ['profile-violation content[0].attachment'] },
  { title: 'no content', spec: 'https://hl7.org/fhir/R4/documentreference.html', with: { content: null }, want: ['field-missing content'] },
  { title: 'a status that R4 does not have', spec: 'https://hl7.org/fhir/R4/valueset-document-reference-status.html', with: { status: 'draft' }, want: ['code-unknown status'] },
  { title: 'content with a modifier', spec: understood, with: { content: [{ ...modifier, attachment: { url: 'https://arkiv.example/1' } }] }, want: ['profile-violation content[0].modifierExtension'] },
]

// prettier-ignore
const relatedPersons: Case[] = [
  { title: 'as it is', spec: matching, with: {}, want: [] },
  { title: 'of nobody', spec: matching, with: { patient: null }, want: ['field-missing patient'] },
  { title: 'of somebody by display', spec: matching, with: { patient: { reference: null, display: 'x' } }, want: ['profile-violation patient'] },
  { title: 'a gender that R4 does not have', spec: 'https://hl7.org/fhir/R4/valueset-administrative-gender.html', with: { gender: 'x' }, want: ['code-unknown gender'] },
  { title: 'a language with a modifier', spec: understood, with: { communication: [{ ...modifier, language: { text: 'da' } }] }, want: ['profile-violation communication[0].modifierExtension'] },
]

// prettier-ignore
const tasks: readonly Case[] = [
  { title: 'as it is', spec: matching, with: {}, want: [] },
  { title: 'of nobody', spec: matching, with: { for: null }, want: ['field-missing for'] },
  { title: 'of somebody by display', spec: matching, with: { for: { reference: null, display: 'x' } }, want: ['profile-violation for'] },
  { title: 'no code: nobody could decide about it', spec: 'profiles/sluse-task.fsh', with: { code: null }, want: ['field-missing code'] },
  { title: 'an intent that R4 does not have', spec: 'https://hl7.org/fhir/R4/valueset-task-intent.html', with: { intent: 'wish' }, want: ['code-unknown intent'] },
  { title: 'a status that R4 does not have', spec: 'https://hl7.org/fhir/R4/valueset-task-status.html', with: { status: 'active' }, want: ['code-unknown status'] },
  { title: 'what is handed over with a modifier', spec: redactedByElement, with: { input: [{ ...modifier, type: { text: 'x' }, valueBoolean: true }] }, want: ['profile-violation input[0].modifierExtension'] },
  { title: 'a result with a modifier', spec: redactedByElement, with: { output: [{ ...modifier, type: { text: 'x' }, valueBoolean: true }] }, want: ['profile-violation output[0].modifierExtension'] },
  { title: 'a restriction with a modifier', spec: redactedByElement, with: { restriction: modifier }, want: ['profile-violation restriction.modifierExtension'] },
]

describe.each([
  ['task', task, tasks],
  ['goal', goal, [...aboutOnePatient, ...goals]],
  ['careteam', careTeam, [...aboutOnePatient, ...careTeams]],
  ['observation', observation, [...aboutOnePatient, ...observations]],
  ['servicerequest', serviceRequest, [...aboutOnePatient, ...serviceRequests]],
  ['communication', communication, [...aboutOnePatient, ...communications]],
  ['documentreference', documentReference, [...aboutOnePatient, ...documents]],
  ['relatedperson', relatedPerson, relatedPersons],
  ['careplan', carePlan, [...aboutOnePatient, ...carePlans]],
  ['encounter', encounter, aboutOnePatient],
  ['condition', condition, [...aboutOnePatient, ...conditions]],
  ['consent', consent, consents],
] as const)('sluse-%s', (name, base, cases) => {
  test.each(cases)('$title', ({ with: patch, want }) => {
    const faults = validator.validate(mergePatch(base, patch), profileUrl(name))
    const found = faults.map(
      ({ code, expression = '' }) => `${code} ${expression.replace(`${base.resourceType}.`, '')}`,
    )
    expect(found).toEqual(want)
  })
})

describe('the profile that is asked for', () => {
  test('is of another type', () => {
    expect(validator.validate(carePlan, profileUrl('consent'))).toEqual([
      {
        code: 'profile-violation',
        expression: 'resourceType',
        text: 'found `CarePlan` where the profile is of `Consent`; send that',
      },
    ])
  })

  test('is not known', () => {
    expect(
      validator.validate(carePlan, 'https://sluse.example/fhir/StructureDefinition/sluse-unknown'),
    ).toEqual([
      {
        code: 'profile-violation',
        expression: 'resourceType',
        text: 'no profile of that name is known; the CapabilityStatement lists those that are',
      },
    ])
  })

  test('is not the one that the resource claims', () => {
    const plan = mergePatch(carePlan, {
      subject: { reference: 'Group/g' },
      meta: { profile: [profileUrl('careplan')] },
    })
    expect(validator.validate(plan)).toEqual([])
  })

  test('says in words what it asks for', () => {
    const plan = mergePatch(carePlan, { subject: { reference: null, display: 'x' } })
    expect(validator.validate(plan, profileUrl('careplan'))).toEqual([
      { code: 'profile-violation', expression: 'CarePlan.subject', text: ref1 },
    ])
  })
})

test('every profile that is built is tested here', () => {
  expect(profileAssets.profiles.map(({ url }) => url)).toEqual(
    heldTypes.map((type) => profileOf(type)).toSorted(),
  )
})
