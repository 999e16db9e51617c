import { randomUUID } from 'node:crypto'
import type { CarePlan, Consent, Parameters, ParametersParameter } from '@medplum/fhirtypes'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { BackendClient } from '#sandbox/backend-client.ts'
import { sandboxOrganizations } from '#sandbox/identities.ts'
import { idOf, sampleCarePlan, sampleConsent, sendFhir, subscriptionFor } from '#test/fhir-samples.ts'
import { startGateway, type TestGateway } from '#test/gateway.ts'
import { faultsIn } from '#test/http.ts'
import { auditRows } from '#test/rows.ts'
import { type Sink, startSink } from '#test/sink.ts'

const { hospital: HOSPITAL, municipality: MUNICIPALITY, gp: GP } = sandboxOrganizations
const SYSTEM = 'urn:oid:1.2.208.176.1.2'
const citizens = ['2509479989', '1502779995', '1502829995', '3001749995', '0505059996', '0201919990']

let gateway: TestGateway
let hospital: BackendClient
let gp: BackendClient
let municipality: BackendClient
let sink: Sink
let citizen = ''
beforeAll(async () => {
  gateway = await startGateway()
  hospital = gateway.client('hospital-ehr')
  gp = gateway.client('gp-system')
  municipality = gateway.client('municipality-system')
})
afterAll(() => gateway.close())
beforeEach(async () => {
  sink = await startSink()
  citizen = citizens.shift() ?? citizen
})
afterEach(async () => {
  await gateway.database.query({ text: "update subscription set status = 'off' where status <> 'off'" })
  // A part that was withdrawn would go before the consents of the next test.
  for (const id of given.splice(0)) await withdraw(id, WHOLE)
  await sink.close()
})

const given: string[] = []
const about = () => ({ identifier: { system: SYSTEM, value: citizen } })

/** For the municipality and the GP, to psychiatry and addiction. */
async function consent(change: Partial<Consent> = {}): Promise<string> {
  const base = sampleConsent(GP.identifiers[0], ['PSY', 'SUD'])
  const [actor] = base.provision?.actor ?? []
  const both = [GP, MUNICIPALITY].map(({ identifiers: [identifier] }) => ({
    ...actor,
    reference: { identifier },
  }))
  const resource = { ...base, patient: about(), provision: { ...base.provision, actor: both }, ...change }
  const id = idOf(await sendFhir(hospital, 'POST', '/fhir/Consent', resource))
  given.push(id)
  return id
}

async function plan(id: string = randomUUID(), client: BackendClient = hospital): Promise<string> {
  const resource: CarePlan = { ...sampleCarePlan(), id, subject: about() }
  const answer = await sendFhir(client, 'PUT', `/fhir/CarePlan/${id}`, resource)
  expect([200, 201]).toContain(answer.status)
  return id
}

async function subscribe(client: BackendClient, content = 'full-resource'): Promise<string> {
  const id = idOf(
    await sendFhir(client, 'POST', '/fhir/Subscription', subscriptionFor(sink.url, { content })),
  )
  await sink.next(({ type }) => type === 'handshake')
  const isActive = async (): Promise<void> => {
    const [row] = await gateway.database.query<{ status: string }>({
      text: 'select status from subscription where subscription_id = $1',
      values: [id],
    })
    expect(row?.status).toBe('active')
  }
  await vi.waitFor(isActive, { timeout: 8_000, interval: 20 })
  return id
}

function withdraw(id: string, ...parameter: readonly ParametersParameter[]) {
  const body: Parameters = {
    resourceType: 'Parameters',
    ...(parameter.length > 0 ? { parameter: [...parameter] } : {}),
  }
  return sendFhir(hospital, 'POST', `/fhir/Consent/${id}/$withdraw`, body)
}

const WHOLE: ParametersParameter = { name: 'whole', valueBoolean: true }
const forGp: ParametersParameter = { name: 'recipient', valueIdentifier: { ...GP.identifiers[1] } }

async function read(client: BackendClient, id: string): Promise<number> {
  return (await client.send('GET', `/fhir/CarePlan/${id}`)).status
}

const unit = ({ id, name }: { id: string; name: string }) => ({
  reference: `Organization/${id}`,
  display: name,
})

describe('whole', () => {
  test('the answer tells what was sent to whom, and nobody may have it any more', async () => {
    const id = await consent()
    const planId = await plan()
    expect([await read(gp, planId), await read(municipality, planId)]).toEqual([200, 200])

    const answer = await withdraw(id, WHOLE)
    const version = /^W\/"(.+)"$/.exec(answer.headers.get('etag') ?? '')?.[1] ?? ''
    const sent = (to: typeof GP | typeof MUNICIPALITY): unknown => ({
      name: 'sent',
      part: [
        { name: 'recipient', valueReference: unit(to) },
        {
          name: 'resource',
          valueReference: { reference: expect.stringMatching(`^CarePlan/${planId}/_history/[0-9a-f-]{36}$`) },
        },
        { name: 'first', valueInstant: expect.any(String) },
        { name: 'last', valueInstant: expect.any(String) },
      ],
    })
    expect([answer.status, answer.json()]).toEqual([
      200,
      {
        resourceType: 'Parameters',
        parameter: [
          { name: 'consent', valueReference: { reference: `Consent/${id}/_history/${version}` } },
          { name: 'status', valueCode: 'inactive' },
          sent(MUNICIPALITY),
          sent(GP),
          { name: 'tell-yourselves', valueReference: unit(MUNICIPALITY) },
          { name: 'tell-yourselves', valueReference: unit(GP) },
        ],
      },
    ])
    expect([await read(gp, planId), await read(municipality, planId)]).toEqual([404, 404])
    const stored = (await hospital.send('GET', `/fhir/Consent/${id}`)).json() as Consent
    expect(stored).toMatchObject({ status: 'inactive', meta: { versionId: version } })
    expect(stored.contained).toHaveLength(1)
    expect(
      (await auditRows(gateway.database)).filter(({ interaction }) => interaction === '$withdraw'),
    ).toEqual([
      expect.objectContaining({
        kind: 'accept',
        outcome: 'success',
        organization: HOSPITAL.id,
        resources: [{ type: 'Consent', id, version }],
      }),
    ])
  })

  test('sent again: the same answer, and nothing happens twice', async () => {
    const id = await consent()
    await read(gp, await plan())
    const first = await withdraw(id, WHOLE)
    const second = await withdraw(id, WHOLE)
    expect([second.status, second.json()]).toEqual([200, first.json()])
    expect(second.headers.get('etag')).toBe(first.headers.get('etag'))
  })

  test('whom no notification reaches, a person must tell: a work item for each recipient', async () => {
    const id = await consent()
    await read(gp, await plan())
    await withdraw(id, WHOLE)
    const rows = await gateway.database.query({
      text: 'select code, owner, focus, reason from work_item where dedupe_key like $1',
      values: [`${id}%`],
    })
    expect(rows).toEqual([
      {
        code: 'basis-withdrawn-tell',
        owner: HOSPITAL.id,
        focus: `Organization/${GP.id}`,
        reason: 'consent-not-active',
      },
    ])
  })

  test("what another custodian sent under it is that custodian's to know, and to tell", async () => {
    const id = await consent()
    const foreign = await plan(randomUUID(), municipality)
    expect(await read(gp, foreign)).toBe(200)
    const answer = await withdraw(id, WHOLE)
    expect((answer.json() as Parameters).parameter?.map(({ name }) => name)).toEqual(['consent', 'status'])
    const rows = await gateway.database.query({
      text: 'select owner, focus from work_item where dedupe_key like $1',
      values: [`${id}%`],
    })
    expect(rows).toEqual([{ owner: MUNICIPALITY.id, focus: `Organization/${GP.id}` }])
    expect(await read(gp, foreign)).toBe(404)
  })
})

describe('in part', () => {
  test('for one recipient: the other keeps its access, and one alone is told', async () => {
    const id = await consent()
    const planId = await plan()
    await read(gp, planId)
    await read(municipality, planId)
    const answer = await withdraw(id, forGp)
    expect(answer.json()).toMatchObject({
      parameter: [
        { name: 'consent' },
        { name: 'status', valueCode: 'active' },
        { name: 'sent', part: [{ valueReference: unit(GP) }, {}, {}, {}] },
        { name: 'tell-yourselves', valueReference: unit(GP) },
      ],
    })
    expect([await read(gp, planId), await read(municipality, planId)]).toEqual([404, 200])
    // Once more, under another number of the same unit, or before anything else: no further version of the same.
    expect((await withdraw(id, forGp)).headers.get('etag')).toBe(answer.headers.get('etag'))
  })

  test.each<[string, ParametersParameter]>([
    [
      'class',
      { name: 'class', valueCoding: { system: 'http://hl7.org/fhir/resource-types', code: 'CarePlan' } },
    ],
    [
      'label',
      {
        name: 'securityLabel',
        valueCoding: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'PSY' },
      },
    ],
  ])('one %s: for every recipient', async (_title, part) => {
    const id = await consent()
    const planId = await plan()
    expect([await read(gp, planId), await read(municipality, planId)]).toEqual([200, 200])
    expect((await withdraw(id, part)).json()).toMatchObject({
      parameter: [{}, { valueCode: 'active' }, { name: 'sent' }, { name: 'sent' }, {}, {}],
    })
    expect([await read(gp, planId), await read(municipality, planId)]).toEqual([404, 404])
  })

  test('another class: nothing that was sent has lost its basis', async () => {
    citizen = '1502829995'
    const id = await consent()
    const planId = await plan()
    await read(gp, planId)
    const encounters = { system: 'http://hl7.org/fhir/resource-types', code: 'Encounter' }
    const answer = await withdraw(id, { name: 'class', valueCoding: encounters })
    expect((answer.json() as Parameters).parameter?.map(({ name }) => name)).toEqual(['consent', 'status'])
    expect(await read(gp, planId)).toBe(200)
  })
})

test('two parts at once: both are withdrawn', async () => {
  citizen = '0201919990'
  const id = await consent()
  const planId = await plan()
  const forMunicipality = { name: 'recipient', valueIdentifier: { ...MUNICIPALITY.identifiers[0] } }
  // Both get as far as they can before the other has written.
  const answers = await gateway.database.transaction(async (tx) => {
    await tx.query({ text: 'select 1 from person for update' })
    const asked = [forGp, forMunicipality].map((part) => withdraw(id, part))
    const blocked = async (): Promise<void> =>
      expect(
        await gateway.database.query({
          text: `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
        }),
      ).toHaveLength(2)
    await vi.waitFor(blocked, { timeout: 1_500, interval: 10 })
    return asked
  })
  expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 200])
  expect([await read(gp, planId), await read(municipality, planId)]).toEqual([404, 404])
})

describe('what is malformed', () => {
  test.each<[string, readonly ParametersParameter[], string]>([
    ['nothing', [], 'field-missing Parameters.parameter'],
    ['two things', [WHOLE, forGp], 'field-invalid Parameters.parameter[1]'],
    [
      'a misspelt name',
      [{ name: 'recipent', valueIdentifier: { ...GP.identifiers[0] } }],
      'field-invalid Parameters.parameter[0].name',
    ],
    [
      'whole, and not',
      [{ name: 'whole', valueBoolean: false }],
      'field-invalid Parameters.parameter[0].valueBoolean',
    ],
    [
      'a recipient without a system',
      [{ name: 'recipient', valueIdentifier: { value: '999003' } }],
      'field-invalid Parameters.parameter[0]',
    ],
    [
      'a recipient that nobody knows',
      [{ name: 'recipient', valueIdentifier: { system: 'urn:x', value: '1' } }],
      'field-invalid Parameters.parameter[0]',
    ],
    [
      'a person for a recipient',
      [{ name: 'recipient', valueReference: { reference: 'Practitioner/1' } }],
      'field-invalid Parameters.parameter[0]',
    ],
    [
      'a class without a system',
      [{ name: 'class', valueCoding: { code: 'CarePlan' } }],
      'field-invalid Parameters.parameter[0].valueCoding',
    ],
    [
      'a class that R4 does not have',
      [
        {
          name: 'class',
          valueCoding: { system: 'http://hl7.org/fhir/resource-types', code: 'CarePlans' },
        },
      ],
      'code-unknown Parameters.parameter[0].valueCoding',
    ],
    [
      'a label that there is not',
      [
        {
          name: 'securityLabel',
          valueCoding: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'PSI' },
        },
      ],
      'code-unknown Parameters.parameter[0].valueCoding',
    ],
  ])('%s: nothing is withdrawn', async (_title, parameters, want) => {
    citizen = '2509479989'
    const id = await consent()
    const answer = await withdraw(id, ...parameters)
    expect(answer.status).toBe(422)
    expect(faultsIn(answer.json()).map(({ code, expression }) => `${code} ${expression}`)).toEqual([want])
    expect((await hospital.send('GET', `/fhir/Consent/${id}`)).json()).toMatchObject({ status: 'active' })
  })

  test('a part of a refusal', async () => {
    const id = await consent({ provision: { type: 'deny' } })
    const answer = await withdraw(id, forGp)
    expect(faultsIn(answer.json())).toEqual([
      { code: 'field-invalid', expression: 'Parameters.parameter[0]' },
    ])
    // Whole, it is as easy to take back as a permit.
    expect((await withdraw(id, WHOLE)).status).toBe(200)
  })

  test("another organisation's consent answers as none", async () => {
    const id = await consent()
    const bodies = await Promise.all(
      [id, randomUUID(), 'no-uuid'].map(async (each) => {
        const answer = await sendFhir(gp, 'POST', `/fhir/Consent/${each}/$withdraw`, {
          resourceType: 'Parameters',
          parameter: [WHOLE],
        })
        return [answer.status, answer.text]
      }),
    )
    expect(new Set(bodies.map((each) => JSON.stringify(each))).size).toBe(1)
    expect(bodies[0]?.[0]).toBe(404)
  })
})

describe('the recall', () => {
  const isRecall = ({ body }: { body: string }): boolean => body.includes('basis-withdrawn')

  test('goes to the endpoint that the data went to, names ids alone, and is audited', async () => {
    citizen = '3001749995'
    const subscription = await subscribe(gp)
    const id = await consent()
    const planId = await plan()
    await sink.next(({ type }) => type === 'event-notification')
    await vi.waitFor(async () =>
      expect(await gateway.database.query({ text: "select 1 from delivery where state = 'open'" })).toEqual(
        [],
      ),
    )
    const answer = await withdraw(id, WHOLE)
    expect((answer.json() as Parameters).parameter?.at(-1)).toEqual({
      name: 'told',
      valueReference: unit(GP),
    })
    const { bundle, headers } = await sink.next(isRecall)
    const base = `${gateway.baseUrl}/fhir`
    expect(headers['webhook-id']).toBe(`${subscription}-2`)
    expect(bundle.entry?.slice(1)).toEqual([
      {
        fullUrl: `${base}/Consent/${id}`,
        request: { method: 'PUT', url: `Consent/${id}` },
        response: { status: '200' },
      },
    ])
    const status = bundle.entry?.[0]?.resource as Parameters
    expect(status.parameter?.find(({ name }) => name === 'recall')).toEqual({
      name: 'recall',
      part: [
        { name: 'reason', valueCode: 'basis-withdrawn' },
        { name: 'basis', valueReference: { reference: `${base}/Consent/${id}` } },
        { name: 'received', valueReference: { reference: `${base}/CarePlan/${planId}` } },
      ],
    })
    expect(JSON.stringify(bundle)).not.toMatch(/PSY|SUD|psyk|rusmiddel|250947|"patient"/i)
    const recalls = (await auditRows(gateway.database)).filter(({ kind }) => kind === 'recall')
    expect(recalls).toEqual([
      expect.objectContaining({
        outcome: 'success',
        custodian: HOSPITAL.id,
        recipient: GP.id,
        subscription,
        resources: [{ type: 'Consent', id, version: expect.any(String) }],
      }),
    ])
  })

  test('follows a PUT that takes the consent back as well', async () => {
    citizen = '2509479989'
    await subscribe(gp)
    const change = { id: randomUUID(), patient: about() }
    const asGiven = { ...sampleConsent(GP.identifiers[0], ['PSY', 'SUD']), ...change }
    await sendFhir(hospital, 'PUT', `/fhir/Consent/${change.id}`, asGiven)
    await plan()
    await sink.next(({ type }) => type === 'event-notification')
    const {
      organization: _o,
      contained: _c,
      sourceReference: _s,
      dateTime: _d,
      provision: _p,
      ...bare
    } = asGiven
    const taken = { ...bare, status: 'inactive' }
    expect((await sendFhir(hospital, 'PUT', `/fhir/Consent/${change.id}`, taken)).status).toBe(200)
    expect((await sink.next(isRecall)).bundle.entry?.[1]?.fullUrl).toContain(change.id)
  })

  test('an empty subscription hears that there is one, and no id', async () => {
    citizen = '0201919990'
    await subscribe(gp, 'empty')
    const id = await consent()
    await plan()
    await sink.next(({ type }) => type === 'event-notification')
    await withdraw(id, WHOLE)
    const { bundle, body } = await sink.next(isRecall)
    expect(body).not.toContain(id)
    expect(bundle.entry).toHaveLength(1)
    const status = bundle.entry?.[0]?.resource as Parameters
    expect(status.parameter?.find(({ name }) => name === 'recall')?.part).toEqual([
      { name: 'reason', valueCode: 'basis-withdrawn' },
    ])
  })

  test('that an endpoint never takes is left to a person', async () => {
    citizen = '1502779995'
    await subscribe(gp)
    const id = await consent()
    await plan()
    await sink.next(({ type }) => type === 'event-notification')
    sink.answer(410)
    await withdraw(id, WHOLE)
    await sink.next(isRecall)
    await vi.waitFor(async () => {
      const rows = await gateway.database.query<{ focus: string }>({
        text: 'select focus from work_item where dedupe_key like $1',
        values: [`${id}%`],
      })
      expect(rows).toEqual([{ focus: `Organization/${GP.id}` }])
    })
  })

  test('does not wait behind a delivery that is to be tried again: that one is decided now, and withheld', async () => {
    citizen = '2509479989'
    const subscription = await subscribe(gp)
    const id = await consent()
    await plan()
    await sink.next(({ type }) => type === 'event-notification')
    sink.answer(500)
    await plan()
    await sink.next(({ type }) => type === 'event-notification')
    const states = () =>
      gateway.database.query<{ kind: string; state: string; reason: string | null }>({
        text: 'select kind, state, reason from delivery where subscription_id = $1 order by delivery_id',
        values: [subscription],
      })
    await vi.waitFor(async () => expect((await states())[1]?.reason).toBe('http-500'))
    sink.answer(200)
    await withdraw(id, WHOLE)
    await sink.next(isRecall, 4_000)
    await vi.waitFor(async () =>
      expect(await states()).toEqual([
        { kind: 'change', state: 'delivered', reason: null },
        { kind: 'change', state: 'withheld', reason: 'consent-not-active' },
        { kind: 'recall', state: 'delivered', reason: null },
      ]),
    )
  })

  test.each<[string, (subscription: string) => Promise<unknown>]>([
    ['whose subscription ends', (subscription) => gp.send('DELETE', `/fhir/Subscription/${subscription}`)],
    [
      'whose client is disabled',
      () =>
        gateway.database.query({
          text: "update client set disabled_at = now() where client_id = 'gp-system'",
        }),
    ],
  ])('to one %s before it is sent: a person tells', async (_title, end) => {
    citizen = '3001749995'
    const subscription = await subscribe(gp)
    const id = await consent()
    await plan()
    await sink.next(({ type }) => type === 'event-notification')
    sink.answer(500)
    await withdraw(id, WHOLE)
    await sink.next(isRecall)
    const tell = async () =>
      gateway.database.query<{ focus: string }>({
        text: 'select focus from work_item where dedupe_key like $1',
        values: [`${id}%`],
      })
    await vi.waitFor(async () => {
      const [row] = await gateway.database.query<{ reason: string }>({
        text: "select reason from delivery where subscription_id = $1 and kind = 'recall'",
        values: [subscription],
      })
      expect(row?.reason).toBe('http-500')
    })
    expect(await tell()).toEqual([])
    await end(subscription)
    await gateway.database.query({
      text: 'update delivery set due_at = now() where subscription_id = $1',
      values: [subscription],
    })
    await vi.waitFor(async () => expect(await tell()).toEqual([{ focus: `Organization/${GP.id}` }]), {
      timeout: 8_000,
    })
    await gateway.database.query({
      text: "update client set disabled_at = null where client_id = 'gp-system'",
    })
  })
})

test('what is being sent at this moment is told as in flight', async () => {
  citizen = '1502829995'
  await subscribe(gp)
  const id = await consent()
  let letGo: () => void = () => undefined
  const held = new Promise<number>((resolve) => {
    letGo = () => resolve(200)
  })
  sink.answer(() => held)
  const planId = await plan()
  await sink.next(({ type }) => type === 'event-notification')
  const answer = await withdraw(id, WHOLE)
  letGo()
  expect((answer.json() as Parameters).parameter?.filter(({ name }) => name === 'in-flight')).toMatchObject([
    {
      part: [
        { valueReference: unit(GP) },
        { valueReference: { reference: expect.stringContaining(planId) } },
        {},
        {},
      ],
    },
  ])
})
