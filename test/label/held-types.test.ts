/** Where in each type a code, a word, a unit or a reference gives something away, and what that labels. */
import type { Resource } from '@medplum/fhirtypes'
import { describe, expect, test } from 'vitest'
import { readLabelRules } from '#assets/codes.ts'
import type { HeldType } from '#fhir/held-types.ts'
import { label, type LabelSource } from '#label/label.ts'
import { builtInRules, type LabelRecord } from '#label/label-record.ts'
import { heldSample } from '#test/held-samples.ts'

const rules = readLabelRules(new URL('../../', import.meta.url))
const SKS = 'urn:oid:1.2.208.176.2.4.12'
const alcohol = { coding: [{ system: SKS, code: 'DF102' }] }
const words = { text: 'Om foråret' }
const unit = { reference: 'Organization/7', display: 'Enheden' }
const condition = { reference: 'Condition/c' }
const inline = {
  url: 'http://hl7.org/fhir/uv/security-label-ds4p/StructureDefinition/extension-inline-sec-label',
  valueCoding: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'PSY' },
}

const aboutAlcohol: LabelRecord = {
  ruleSetVersion: rules.version,
  sensitivities: ['ETHUD'],
  confidentiality: 'R',
  elements: [{ path: 'Condition', sensitivities: ['ETHUD'], confidentiality: 'R', rule: 'icd-alcohol' }],
}

const around: LabelSource = {
  custodianSensitivities: [],
  sensitiveUnits: new Map([['Organization/7', ['SUD']]]),
  referenced: new Map([['Condition/c', aboutAlcohol]]),
}

/** `path rule labels`, one line a finding, of the element that the case is about. */
function found(type: HeldType, element: string, value: unknown): readonly string[] {
  const resource = { ...heldSample(type), [element]: value } as Resource
  return label(resource, rules, around)
    .elements.filter(({ path }) => path === type || new RegExp(`^${type}\\.${element}\\b`).test(path))
    .map(
      ({ path, rule, sensitivities, confidentiality }) =>
        `${path.slice(type.length + 1) || 'all'} ${rule} ${[confidentiality, ...sensitivities].join(' ')}`,
    )
}

const UNIT = builtInRules.sensitiveUnit

// prettier-ignore
const cases: readonly (readonly [type: HeldType, element: string, value: unknown, want: readonly string[]])[] = [
  ['Goal', 'description', alcohol, ['description icd-alcohol R ETHUD']],
  ['Goal', 'description', words, ['description text-without-code V']],
  ['Goal', 'addresses', [condition], ['addresses[0] referenced R ETHUD']],
  ['Goal', 'target', [{ measure: alcohol }], ['target[0] icd-alcohol R ETHUD']],
  ['Goal', 'target', [{ detailString: 'Om foråret' }], ['target[0].detailString text-without-code V']],
  ['Goal', 'outcomeCode', [alcohol], ['outcomeCode[0] icd-alcohol R ETHUD']],
  ['Goal', 'statusReason', 'Drikker ikke alkohol', ['statusReason text-without-code V', 'statusReason words-alcohol R ETHUD']],
  ['Goal', 'expressedBy', unit, [`expressedBy ${UNIT} R SSP SUD`]],

  ['CareTeam', 'participant', [{ role: [alcohol] }], ['participant[0] icd-alcohol R ETHUD', `participant[0] ${UNIT} R ETHUD SSP`]],
  ['CareTeam', 'participant', [{ member: unit }], [`participant[0] ${UNIT} R SSP SUD`]],
  ['CareTeam', 'participant', [{ member: { reference: 'Practitioner/1' }, onBehalfOf: unit }], [`participant[0] ${UNIT} R SSP SUD`]],
  ['CareTeam', 'participant', [{ member: { display: 'Alkoholbehandler Hansen' } }], [`participant[0] ${UNIT} R ETHUD SSP`, 'participant[0] words-alcohol R ETHUD']],
  ['CareTeam', 'managingOrganization', [unit], [`managingOrganization[0] ${UNIT} R SSP SUD`]],
  ['CareTeam', 'name', 'Teamet om borgeren', ['name heading N']],
  ['CareTeam', 'name', 'Rusmiddelteamet', ['name heading N', `name ${UNIT} R SSP SUD`, 'name words-substances R SUD']],
  ['CareTeam', 'reasonReference', [condition], ['reasonReference[0] referenced R ETHUD']],
  ['CareTeam', 'category', [{ coding: [{ system: 'http://loinc.org', code: 'LA27976-2' }] }], ['category[0] loinc-care-team-kinds N']],

  ['Observation', 'code', alcohol, ['code icd-alcohol R ETHUD']],
  ['Observation', 'valueCodeableConcept', alcohol, ['valueCodeableConcept icd-alcohol R ETHUD']],
  ['Observation', 'valueString', 'Om foråret', ['valueString text-without-code V']],
  ['Observation', 'valueQuantity', { value: 4, unit: 'genstande' }, ['valueQuantity.unit text-without-code V']],
  ['Observation', 'valueQuantity', { value: 4, unit: 'mg', system: 'http://unitsofmeasure.org', code: 'mg' }, []],
  ['Observation', 'component', [{ code: alcohol, valueInteger: 1 }], ['component[0] icd-alcohol R ETHUD']],
  ['Observation', 'interpretation', [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation', code: 'H' }] }], []],
  ['Observation', 'focus', [condition], ['focus[0] referenced R ETHUD']],
  ['Observation', 'performer', [unit], [`performer[0] ${UNIT} R SSP SUD`]],
  ['Observation', 'note', [{ text: 'Om foråret' }], ['note[0] text-without-code V']],

  ['ServiceRequest', 'code', alcohol, ['code icd-alcohol R ETHUD']],
  ['ServiceRequest', 'orderDetail', [alcohol], ['orderDetail[0] icd-alcohol R ETHUD']],
  ['ServiceRequest', 'reasonCode', [alcohol], ['reasonCode[0] icd-alcohol R ETHUD']],
  ['ServiceRequest', 'reasonReference', [condition], ['reasonReference[0] referenced R ETHUD']],
  ['ServiceRequest', 'performer', [unit], [`performer[0] ${UNIT} R SSP SUD`]],
  ['ServiceRequest', 'performerType', alcohol, ['performerType icd-alcohol R ETHUD', `performerType ${UNIT} R ETHUD SSP`]],
  ['ServiceRequest', 'locationReference', [unit], [`locationReference[0] ${UNIT} R LOCIS SSP SUD`]],
  ['ServiceRequest', 'patientInstruction', 'Om foråret', ['patientInstruction text-without-code V']],

  ['Communication', 'payload', [{ contentString: 'Om foråret' }], ['payload[0].contentString text-without-code V']],
  ['Communication', 'payload', [{ extension: [inline], contentString: 'Om foråret' }], ['payload[0] inline-label R PSY']],
  ['Communication', 'payload', [{ contentReference: condition }], ['payload[0] referenced R ETHUD']],
  ['Communication', 'topic', alcohol, ['topic icd-alcohol R ETHUD']],
  ['Communication', 'about', [condition], ['about[0] referenced R ETHUD']],
  ['Communication', 'reasonCode', [alcohol], ['reasonCode[0] icd-alcohol R ETHUD']],
  ['Communication', 'category', [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/communication-category', code: 'alert' }] }], []],
  ['Communication', 'sender', unit, [`sender ${UNIT} R SSP SUD`]],
  ['Communication', 'recipient', [unit], [`recipient[0] ${UNIT} R SSP SUD`]],

  ['DocumentReference', 'type', alcohol, ['type icd-alcohol R ETHUD']],
  ['DocumentReference', 'type', { coding: [{ system: 'http://loinc.org', code: '18842-5' }] }, ['type unknown-code V']],
  ['DocumentReference', 'category', [alcohol], ['category[0] icd-alcohol R ETHUD']],
  ['DocumentReference', 'content', [{ attachment: { data: 'QQ==' } }], ['content[0].attachment.data text-without-code V']],
  ['DocumentReference', 'content', [{ attachment: { url: 'https://arkiv.example/1' } }], ['content[0] unknown-code V']],
  ['DocumentReference', 'content', [{ attachment: { data: 'QQ==', title: 'Alkohol' } }], ['content[0] words-alcohol R ETHUD', 'content[0].attachment.data text-without-code V', 'content[0].attachment.title heading N']],
  ['DocumentReference', 'docStatus', 'amended', []],
  ['DocumentReference', 'relatesTo', [{ code: 'replaces', target: condition }], ['relatesTo[0] referenced R ETHUD']],
  ['DocumentReference', 'context', { event: [alcohol] }, ['context icd-alcohol R ETHUD']],
  ['DocumentReference', 'context', { related: [condition] }, ['context referenced R ETHUD']],
  ['DocumentReference', 'securityLabel', [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'ETHUD' }] }], ['securityLabel[0] inline-label R ETHUD']],
  ['DocumentReference', 'custodian', unit, [`custodian ${UNIT} R SSP SUD`]],

  ['Task', 'code', alcohol, ['code icd-alcohol R ETHUD']],
  ['Task', 'code', { coding: [{ system: 'http://hl7.org/fhir/CodeSystem/task-code', code: 'approve' }] }, []],
  ['Task', 'description', 'Om foråret', ['description text-without-code V']],
  ['Task', 'focus', condition, ['focus referenced R ETHUD']],
  ['Task', 'basedOn', [condition], ['basedOn[0] referenced R ETHUD']],
  ['Task', 'reasonCode', alcohol, ['reasonCode icd-alcohol R ETHUD']],
  ['Task', 'reasonReference', condition, ['reasonReference referenced R ETHUD']],
  ['Task', 'input', [{ type: alcohol, valueBoolean: true }], ['input[0] icd-alcohol R ETHUD']],
  ['Task', 'input', [{ type: alcohol, valueReference: condition }], ['input[0] icd-alcohol R ETHUD', 'input[0] referenced R ETHUD']],
  ['Task', 'output', [{ type: words, valueString: 'Om foråret' }], ['output[0].type text-without-code V', 'output[0].valueString text-without-code V']],
  ['Task', 'requester', unit, [`requester ${UNIT} R SSP SUD`]],
  ['Task', 'owner', unit, [`owner ${UNIT} R SSP SUD`]],
  ['Task', 'performerType', [alcohol], ['performerType[0] icd-alcohol R ETHUD', `performerType[0] ${UNIT} R ETHUD SSP`]],
  ['Task', 'note', [{ text: 'Om foråret' }], ['note[0] text-without-code V']],

  ['RelatedPerson', 'relationship', [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-RoleCode', code: 'MTH' }] }], []],
  ['RelatedPerson', 'relationship', [words], ['relationship[0] text-without-code V']],
  ['RelatedPerson', 'name', [{ family: 'Testesen', given: ['Karla'] }, { text: 'Karla Testesen' }], []],
  ['RelatedPerson', 'address', [{ line: ['Rusmiddelcentret 1'] }], ['all words-substances R SUD']],
]

describe('what gives something away', () => {
  test.each(cases)('%s.%s %j', (type, element, value, want) => {
    expect(found(type, element, value)).toEqual(want)
  })

  test('base64 is not searched for words: one that turns up in it is chance', () => {
    const chance = { attachment: { data: 'lar+alkohol+misbrug' } }
    expect(found('DocumentReference', 'content', [chance])).toEqual([
      'content[0].attachment.data text-without-code V',
    ])
  })
})

describe('labels flow to what a record is about', () => {
  const referring = (reference: string, path: string): LabelSource => ({
    custodianSensitivities: [],
    referring: [
      {
        reference,
        paths: [path],
        labels: {
          ...aboutAlcohol,
          elements: aboutAlcohol.elements.map((element) => ({
            ...element,
            path: reference.replace(/\/.*$/, ''),
          })),
        },
      },
    ],
  })

  test.each<[HeldType, string, string, string]>([
    ['Condition', 'a goal that addresses it', 'Goal/1', 'Goal.addresses[0]'],
    ['Condition', 'the reason of an order', 'ServiceRequest/1', 'ServiceRequest.reasonReference[0]'],
    ['Condition', 'the reason of a request', 'Task/1', 'Task.reasonReference'],
    ['Condition', 'the reason of a team', 'CareTeam/1', 'CareTeam.reasonReference[0]'],
    ['Encounter', 'an observation made in it', 'Observation/1', 'Observation.encounter'],
    ['Encounter', 'a document of it', 'DocumentReference/1', 'DocumentReference.context.encounter[0]'],
  ])('to the %s, from %s', (type, _, reference, path) => {
    expect(label(heldSample(type), rules, referring(reference, path)).sensitivities).toContain('ETHUD')
  })

  test.each<[HeldType, string, string]>([
    ['Condition', 'Goal/1', 'Goal.outcomeReference[0]'],
    ['Encounter', 'DocumentReference/1', 'DocumentReference.context.related[0]'],
  ])('and not to the %s from %s by %s', (type, reference, path) => {
    expect(label(heldSample(type), rules, referring(reference, path)).sensitivities).not.toContain('ETHUD')
  })
})
