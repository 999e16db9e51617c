/** Each type that is held beside plans, encounters and consents, from its author to a recipient: with, without and in part. */
import { randomUUID } from 'node:crypto'
import type { CarePlan, Consent, ConsentProvision, Resource } from '@medplum/fhirtypes'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type HeldType, subjectElementOf } from '#fhir/held-types.ts'
import type { BackendClient } from '#sandbox/backend-client.ts'
import { sandboxOrganizations } from '#sandbox/identities.ts'
import { idOf, sampleConsent, sendFhir, subscriptionFor } from '#test/fhir-samples.ts'
import { startGateway, type TestGateway } from '#test/gateway.ts'
import { heldSample } from '#test/held-samples.ts'
import { comparable, outcome, sendRaw } from '#test/http.ts'
import { effectsOf } from '#test/rows.ts'
import { FHIR_JSON } from '#test/ways-in.ts'

const SKS = 'urn:oid:1.2.208.176.2.4.12'
const depression = { coding: [{ system: SKS, code: 'DF331' }] }
const alcohol = { coding: [{ system: SKS, code: 'DF102', display: 'Alkoholafhængighed' }] }
const psychiatric = {
  url: 'http://hl7.org/fhir/uv/security-label-ds4p/StructureDefinition/extension-inline-sec-label',
  valueCoding: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'PSY' },
}

interface Case {
  readonly type: HeldType
  /** The part that is psychiatric, and stays. */
  readonly base: object
  /** The part that is about addiction. */
  readonly secret: object
  /** What the elements of `secret` are in the part that goes. */
  readonly left: object
}

// prettier-ignore
const cases: readonly Case[] = [
  { type: 'Goal', base: { description: depression, target: undefined, addresses: undefined }, secret: { outcomeCode: [alcohol] }, left: { outcomeCode: undefined } },
  { type: 'CareTeam', base: {}, secret: { participant: [{ member: { reference: 'Practitioner/1' } }, { role: [alcohol], member: { reference: 'Practitioner/2' } }] }, left: { participant: [{ member: { reference: 'Practitioner/1' } }] } },
  { type: 'Observation', base: { code: depression }, secret: { component: [{ code: alcohol, valueInteger: 4 }, { code: depression, valueInteger: 3 }] }, left: { component: [{ code: depression, valueInteger: 3 }], valueInteger: 17 } },
  { type: 'ServiceRequest', base: { code: depression }, secret: { reasonCode: [depression, alcohol] }, left: { reasonCode: [depression] } },
  { type: 'Communication', base: { payload: [{ extension: [psychiatric], contentString: 'Første samtale er aftalt' }] }, secret: { topic: alcohol }, left: { topic: undefined, payload: [{ extension: [psychiatric], contentString: 'Første samtale er aftalt' }] } },
  { type: 'DocumentReference', base: { content: [{ attachment: { extension: [psychiatric], contentType: 'text/plain', data: 'QQ==' } }] }, secret: { category: [alcohol, depression] }, left: { category: [depression] } },
  { type: 'Task', base: { code: depression, input: undefined, businessStatus: undefined }, secret: { input: [{ type: depression, valueCodeableConcept: alcohol }, { type: depression, valueCodeableConcept: depression }] }, left: { input: [{ type: depression, valueCodeableConcept: depression }] } },
]
const RELATIVE = {
  type: 'RelatedPerson' as const,
  base: {},
  secret: { address: [{ text: 'Rusmiddelcentret 1' }] },
  left: {},
}

let gateway: TestGateway
let hospital: BackendClient
let gp: BackendClient
beforeAll(async () => {
  gateway = await startGateway({ role: 'gateway' })
  hospital = gateway.client('hospital-ehr')
  gp = gateway.client('gp-system')
})
afterAll(() => gateway.close())

async function store(type: HeldType, change: object = {}): Promise<string> {
  const id = randomUUID()
  const answer = await sendFhir(hospital, 'PUT', `/fhir/${type}/${id}`, {
    ...heldSample(type),
    ...change,
    id,
  })
  expect(answer.status, answer.text).toBe(201)
  return id
}

const permit = (change: Partial<ConsentProvision> = {}): Consent => {
  const consent = sampleConsent(sandboxOrganizations.gp.identifiers[2], ['PSY'])
  const { class: _kinds, ...provision } = consent.provision ?? {}
  return { ...consent, provision: { ...provision, ...change } }
}

/** For the time of `then` alone. */
async function consented(consent: Consent, then: () => Promise<void>): Promise<void> {
  const id = idOf(await sendFhir(hospital, 'POST', '/fhir/Consent', consent))
  try {
    await then()
  } finally {
    const over = { ...consent, id, status: 'inactive' }
    expect((await sendFhir(hospital, 'PUT', `/fhir/Consent/${id}`, over)).status).toBe(200)
  }
}

async function statusOf(type: string, id: string): Promise<number> {
  return (await gp.send('GET', `/fhir/${type}/${id}`)).status
}

const kinds = (...types: readonly string[]) => ({
  class: types.map((code) => ({ system: 'http://hl7.org/fhir/resource-types', code })),
})

describe.each([...cases, RELATIVE])('$type', ({ type, base, secret, left }) => {
  test('its author reads it whole, words and all, with the number of the citizen', async () => {
    const id = await store(type, { ...base, ...secret })
    const answer = await hospital.send('GET', `/fhir/${type}/${id}`)
    expect(answer.status).toBe(200)
    const subject = { identifier: { system: 'urn:oid:1.2.208.176.1.2', value: '2509479989' } }
    const sent = answer.json() as Resource & { text?: { div: string } }
    const stored = JSON.parse(JSON.stringify({ ...base, ...secret })) as object
    expect(sent).toMatchObject({ ...stored, [subjectElementOf(type) ?? '']: subject })
    expect(sent.text?.div).toContain('<p><b>')
    expect(sent.meta?.tag).toBeUndefined()
  })

  test('without consent it is not there: same status, body and headers as for none', async () => {
    const id = await store(type, base)
    const denied = await gp.send('GET', `/fhir/${type}/${id}`)
    const absent = await gp.send('GET', `/fhir/${type}/${randomUUID()}`)
    expect(denied.status).toBe(404)
    expect(comparable(denied)).toEqual(comparable(absent))
  })

  test('with a consent it is read, under another kind of data it is not', async () => {
    const id = await store(type, base)
    await consented(permit(kinds(type)), async () => {
      const answer = await gp.send('GET', `/fhir/${type}/${id}`)
      expect(answer.status, answer.text).toBe(200)
      expect(answer.json()).toMatchObject(JSON.parse(JSON.stringify(base)) as object)
    })
    await consented(permit(kinds('Encounter')), async () => expect(await statusOf(type, id)).toBe(404))
  })

  test('a consent for one record is for no other', async () => {
    const [one, other] = [await store(type, base), await store(type, base)]
    const data = [{ meaning: 'instance' as const, reference: { reference: `${type}/${one}` } }]
    await consented(permit({ data }), async () => {
      expect([await statusOf(type, one), await statusOf(type, other)]).toEqual([200, 404])
    })
  })

  test('of one that is part addiction a consent for psychiatry releases the rest, or nothing', async () => {
    const id = await store(type, { ...base, ...secret })
    await consented(permit(), async () => {
      const answer = await gp.send('GET', `/fhir/${type}/${id}`)
      expect(answer.text).not.toMatch(/alkohol|rusmiddel|DF102/i)
      if (type === 'RelatedPerson') {
        expect(answer.status).toBe(404)
        return
      }
      expect(answer.status, answer.text).toBe(200)
      const read = answer.json() as Resource
      for (const [element, value] of Object.entries(left)) expect(Reflect.get(read, element)).toEqual(value)
      expect(read.meta?.tag).toMatchObject([{ code: 'SUBSETTED' }])
    })
  })
})

test('a code in a consent opens the observation that has it', async () => {
  const has = await store('Observation', { code: depression, component: undefined })
  const hasNot = await store('Observation', {
    code: { coding: [{ system: SKS, code: 'DF200' }] },
    component: undefined,
  })
  const { securityLabel: _all, ...provision } = permit().provision ?? {}
  await consented({ ...permit(), provision: { ...provision, code: [depression] } }, async () => {
    expect([await statusOf('Observation', has), await statusOf('Observation', hasNot)]).toEqual([200, 404])
  })
})

describe('what says what the rest is of is never left out', () => {
  // prettier-ignore
  test.each<[HeldType, object]>([
    ['Observation', { code: alcohol, component: [{ code: depression, valueInteger: 3 }] }],
    ['Observation', { code: depression, valueInteger: undefined, valueCodeableConcept: alcohol, component: undefined }],
    ['Observation', { code: depression, bodySite: alcohol, component: undefined }],
    ['Goal', { description: alcohol, category: [depression] }],
    ['ServiceRequest', { code: alcohol, reasonCode: [depression] }],
    ['ServiceRequest', { code: depression, orderDetail: [alcohol] }],
    ['Communication', { topic: depression, payload: [{ contentString: 'Stop med alkohol' }] }],
    ['DocumentReference', { type: alcohol, category: [depression] }],
    ['DocumentReference', { securityLabel: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'ETHUD' }] }] }],
  ])('%s %j', async (type, change) => {
    const id = await store(type, { target: undefined, addresses: undefined, ...change })
    await consented(permit(), async () => expect(await statusOf(type, id)).toBe(404))
  })
})

describe('no reference to what is withheld', () => {
  test('a plan goes without its goal, its team and its order', async () => {
    const goal = await store('Goal', { description: depression, target: undefined, addresses: undefined })
    const team = await store('CareTeam')
    const order = await store('ServiceRequest', { code: depression })
    const id = await store('CarePlan', {
      contained: undefined,
      title: 'Plan om det hele',
      goal: [{ reference: `Goal/${goal}` }],
      careTeam: [{ reference: `CareTeam/${team}` }],
      activity: [
        { reference: { reference: `ServiceRequest/${order}` } },
        { detail: { status: 'in-progress', code: depression, goal: [{ reference: `Goal/${goal}` }] } },
      ],
    })
    await consented(permit(kinds('CarePlan')), async () => {
      const answer = await gp.send('GET', `/fhir/CarePlan/${id}`)
      expect(answer.status).toBe(200)
      for (const hidden of [goal, team, order]) expect(answer.text).not.toContain(hidden)
      const read = answer.json() as CarePlan
      // The title is text that nobody classified: it may speak of what is withheld.
      expect([read.title, read.goal, read.careTeam, read.activity]).toEqual([
        undefined,
        undefined,
        undefined,
        [{ detail: { status: 'in-progress', code: depression } }],
      ])
    })
    await consented(permit(kinds('CarePlan', 'Goal', 'CareTeam')), async () => {
      const read = (await gp.send('GET', `/fhir/CarePlan/${id}`)).json() as CarePlan
      expect(read.goal).toEqual([{ reference: `Goal/${goal}` }])
      expect(read.careTeam).toEqual([{ reference: `CareTeam/${team}` }])
      expect(JSON.stringify(read)).not.toContain(order)
    })
  })

  // prettier-ignore
  test.each<[HeldType, string, (reference: string) => object]>([
    ['Goal', 'addresses', (reference) => ({ addresses: [{ reference }] })],
    ['Observation', 'derivedFrom', (reference) => ({ derivedFrom: [{ reference }] })],
    ['ServiceRequest', 'supportingInfo', (reference) => ({ supportingInfo: [{ reference }] })],
    ['CareTeam', 'participant', (reference) => ({ participant: [{ member: { reference } }] })],
    ['Communication', 'about', (reference) => ({ about: [{ reference }] })],
    ['Task', 'basedOn', (reference) => ({ basedOn: [{ reference }] })],
    ['Task', 'reasonReference', (reference) => ({ reasonReference: { reference } })],
    ['Task', 'input', (reference) => ({ input: [{ type: depression, valueReference: { reference } }] })],
    ['Task', 'output', (reference) => ({ output: [{ type: depression, valueReference: { reference } }] })],
    ['Task', 'restriction', (reference) => ({ restriction: { repetitions: 1, recipient: [{ reference }] } })],
    ['Task', 'partOf', (reference) => ({ partOf: [{ reference }] })],
    ['DocumentReference', 'relatesTo', (reference) => ({ relatesTo: [{ code: 'appends', target: { reference } }] })],
  ])('%s.%s', async (type, element, pointing) => {
    const targets: Readonly<Record<string, HeldType>> = {
      Observation: 'DocumentReference',
      CareTeam: 'RelatedPerson',
      DocumentReference: 'DocumentReference',
      'Task.partOf': 'Task',
      'Task.restriction': 'RelatedPerson',
    }
    const target = targets[`${type}.${element}`] ?? targets[type] ?? 'Observation'
    const plains: Partial<Record<HeldType, object>> = { DocumentReference: { type: alcohol }, RelatedPerson: {} }
    const plain = plains[target] ?? { code: alcohol }
    const hidden = await store(target, plain)
    const { base } = cases.find((each) => each.type === type) ?? { base: {} }
    const id = await store(type, { ...base, ...pointing(`${target}/${hidden}`) })
    await consented(permit(kinds(type)), async () => {
      const answer = await gp.send('GET', `/fhir/${type}/${id}`)
      expect(answer.status, answer.text).toBe(200)
      expect(answer.text).not.toContain(hidden)
      expect(answer.json()).not.toHaveProperty(element)
    })
  })
})

describe('is refused, and nothing of it is stored', () => {
  const national = { system: 'urn:oid:1.2.208.176.1.2', value: '1502829995' }
  const MAY_NOT = 'a national id may stand in the subject only; leave it out here'
  const ADDRESS =
    'an address of a file begins with `https://`, `urn:oid:` or `urn:uuid:`; send the file in `data`, or where it can be had'

  // prettier-ignore
  test.each<[string, HeldType, object, ReturnType<typeof outcome>]>([
    ['the number of a relative', 'RelatedPerson', { identifier: [national] }, outcome('field-invalid', MAY_NOT, 'RelatedPerson.identifier[0]')],
    ['the number of a participant', 'CareTeam', { participant: [{ member: { identifier: national } }] }, outcome('field-invalid', MAY_NOT, 'CareTeam.participant[0].member.identifier')],
    ['the number of who set a goal', 'Goal', { expressedBy: { identifier: national } }, outcome('field-invalid', MAY_NOT, 'Goal.expressedBy.identifier')],
    ['the number of a performer', 'Observation', { performer: [{ identifier: national }] }, outcome('field-invalid', MAY_NOT, 'Observation.performer[0].identifier')],
    ['a requester by number', 'ServiceRequest', { requester: { reference: 'Patient/1502829995' } }, outcome('field-invalid', MAY_NOT, 'ServiceRequest.requester.reference')],
    ['the number of who is asked', 'Task', { owner: { identifier: national } }, outcome('field-invalid', MAY_NOT, 'Task.owner.identifier')],
    ['a number in what is handed over', 'Task', { input: [{ type: { text: 'x' }, valueReference: { identifier: national } }] }, outcome('field-invalid', MAY_NOT, 'Task.input[0].valueReference.identifier')],
    ['the number of a sender', 'Communication', { sender: { identifier: national } }, outcome('field-invalid', MAY_NOT, 'Communication.sender.identifier')],
    ['a number in the address of a document', 'DocumentReference', { content: [{ attachment: { url: 'https://arkiv.example/Patient/1502829995/1' } }] }, outcome('field-invalid', MAY_NOT, 'DocumentReference.content[0].attachment.url')],
    ['a number in the source of a document', 'DocumentReference', { context: { sourcePatientInfo: { identifier: national } } }, outcome('field-invalid', MAY_NOT, 'DocumentReference.context.sourcePatientInfo.identifier')],
    ['an address that runs', 'DocumentReference', { content: [{ attachment: { url: 'javascript:alert(1)' } }] }, outcome('field-invalid', ADDRESS, 'DocumentReference.content[0].attachment.url')],
    ['an address in the clear', 'Communication', { payload: [{ contentAttachment: { url: 'http://arkiv.example/1' } }] }, outcome('field-invalid', ADDRESS, 'Communication.payload[0].contentAttachment.url')],
    ['a file that is too large', 'DocumentReference', { content: [{ attachment: { contentType: 'text/plain', data: 'A'.repeat(1_333_336) } }] }, outcome('field-invalid', 'a file of more than 1 MB is not exchanged here; keep it where it is, and send its address in `url`', 'DocumentReference.content[0].attachment.data')],
    ['a picture that is too large', 'RelatedPerson', { photo: [{ contentType: 'text/plain', data: 'A'.repeat(1_333_336) }] }, outcome('field-invalid', 'a file of more than 1 MB is not exchanged here; keep it where it is, and send its address in `url`', 'RelatedPerson.photo[0].data')],
  ])('%s', async (_, type, change, want) => {
    const body = JSON.stringify({ ...heldSample(type), ...change })
    const token = await hospital.token()
    const { result: answer, effects } = await effectsOf(gateway.database, () =>
      sendRaw(gateway.baseUrl, `/fhir/${type}`, { method: 'POST', token, type: FHIR_JSON, body }),
    )
    expect([answer.status, answer.json()]).toEqual([422, want])
    expect(effects.added).toEqual({ quarantine: 1 })
    expect(gateway.logged.join('\n')).not.toContain('1502829995')
  })
})

test('a file of just 1 MB is taken', async () => {
  const id = await store('DocumentReference', {
    content: [{ attachment: { contentType: 'text/plain', data: 'A'.repeat(1_333_332) } }],
  })
  expect((await hospital.send('GET', `/fhir/DocumentReference/${id}`)).status).toBe(200)
})

describe('search', () => {
  // prettier-ignore
  test.each<[HeldType, string]>([
    ['Goal', 'lifecycle-status=active'],
    ['Goal', 'achievement-status=http://terminology.hl7.org/CodeSystem/goal-achievement|improving'],
    ['CareTeam', 'status=active'],
    ['Observation', 'code=http://loinc.org|44249-1'],
    ['Observation', 'component-code=74013-4'],
    ['Observation', 'category=survey&status=final'],
    ['ServiceRequest', 'intent=order&priority=routine'],
    ['Communication', 'category=notification'],
    ['DocumentReference', `type=${SKS}|DF331&contenttype=application/pdf`],
    ['DocumentReference', 'identifier=urn:ietf:rfc:3986|urn:uuid:5c2b1a0e-8f0c-4a57-9a55-5c1c1a3f7d21'],
    ['RelatedPerson', 'relationship=http://terminology.hl7.org/CodeSystem/v3-RoleCode|MTH&active=true'],
    ['Task', 'status=requested&intent=order&priority=urgent'],
    ['Task', 'code=http://hl7.org/fhir/CodeSystem/task-code|fulfill'],
    ['Task', 'business-status=https://hospital.example/trin|afventer'],
    ['Task', 'identifier=https://hospital.example/anmodning|anmodning-134418'],
    ['Encounter', 'identifier=urn:oid:1.2.208.176.7.1.10.132|visit-134418'],
    ['Encounter', 'identifier=visit-134418'],
  ])('finds %s by %s, and none by another value', async (type, query) => {
    const id = await store(type)
    const found = async (asked: string): Promise<number> => {
      const answer = await hospital.send('GET', `/fhir/${type}?_id=${id}&${encodeURI(asked)}`)
      expect(answer.status, answer.text).toBe(200)
      return ((answer.json() as { entry?: unknown[] }).entry ?? []).length
    }
    expect(await found(query)).toBe(1)
    expect(await found(`${query}-not`)).toBe(0)
  })

  test('a number that is withheld finds nothing', async () => {
    const number = { system: 'https://rusmiddelcenter.example/forløb', value: 'misbrug-134418' }
    const id = await store('ServiceRequest', { code: depression, identifier: [number] })
    await consented(permit(), async () => {
      const read = await gp.send('GET', `/fhir/ServiceRequest/${id}`)
      expect([read.status, read.text.includes('misbrug-134418')]).toEqual([200, false])
      const answer = await gp.send('GET', `/fhir/ServiceRequest?_id=${id}&identifier=misbrug-134418`)
      expect((answer.json() as { entry?: unknown[] }).entry ?? []).toEqual([])
    })
  })

  test('no resource is found by a national id', async () => {
    const answer = await hospital.send(
      'GET',
      `/fhir/RelatedPerson?_id=${randomUUID()}&identifier=urn:oid:1.2.208.176.1.2|1502829995`,
    )
    expect([answer.status, answer.json()]).toEqual([
      400,
      outcome(
        'parameter-invalid',
        'no resource is found by a person’s national id: name the citizen by `patient`',
        'identifier',
      ),
    ])
  })

  test('no subscription is filtered by a national id: a filter is kept as it was sent', async () => {
    const filters = ['Encounter.identifier=urn:oid:1.2.208.176.1.2|1502829995']
    const sent = subscriptionFor('http://127.0.0.1:9/', { topic: 'encounter-changed', filters })
    const { result: answer, effects } = await effectsOf(gateway.database, () =>
      sendFhir(gp, 'POST', '/fhir/Subscription', sent),
    )
    expect([answer.status, effects.added['subscription']]).toEqual([422, undefined])
    expect(answer.text).not.toContain('1502829995')
  })
})
