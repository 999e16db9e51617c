import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startGateway, type TestGateway } from '#test/gateway.ts'
import { outcome, type Received, sendRaw } from '#test/http.ts'
import { countRows, effectsOf } from '#test/rows.ts'
import { condition, FHIR_JSON, sectorWays, type WayIn } from '#test/ways-in.ts'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startGateway({ role: 'gateway' })
})
afterAll(() => gateway.close())

async function send(way: WayIn, body: string): Promise<Received> {
  const token = await gateway.client(way.client).token()
  return sendRaw(gateway.baseUrl, way.path, { method: 'POST', token, type: way.type, body })
}

/** The sender's id of the message, as it stands in the sample, and another of the same form. */
const ids: Readonly<Record<string, () => readonly [from: string, to: string]>> = {
  'HL7 v2 ADT': () => ['SBX-ADT-0001', `SBX-${randomUUID().slice(0, 8)}`],
  'MedCom HospitalNotification': () => ['ecae58ae-ae15-4593-83ca-50807408438e', randomUUID()],
  'municipality record': () => ['SBX-RUS-2026-0001', `SBX-${randomUUID()}`],
  'KL plan': () => ['"versionId":"1"', `"versionId":"${randomUUID()}"`],
  'MedCom ConditionList': () => ['0f8f5a0e-8f0c-4a57-9a55-5c1c1a3f7d21', randomUUID()],
  'GP contact': () => ['SBX-LAEGE-2026-0001', `SBX-${randomUUID()}`],
}

function underNewId({ title, body }: WayIn): string {
  const [from, to] = ids[title]?.() ?? ['', '']
  expect(body).toContain(from)
  return body.replaceAll(from, to)
}

/** An ACK is written anew each time: its own id and time are the only difference. */
function receiptIn({ answers }: WayIn, { text }: Received): string {
  return answers === 'hl7v2-ack' ? (text.split('\r')[1] ?? '') : text
}

// https://hl7.org/fhir/R4/messaging.html#2.4.3.2 and HL7 v2 chapter 2.9.2.2: a message sent again is answered again.
describe.for(sectorWays)('$title', (way) => {
  test('sent again, it gets the same receipt with 200, and nothing is stored', async () => {
    const body = underNewId(way)
    const first = await send(way, body)
    const { result: again, effects } = await effectsOf(gateway.database, () => send(way, body))
    expect([first.status, again.status]).toEqual([201, 200])
    expect(receiptIn(way, again)).toBe(receiptIn(way, first))
    expect(effects).toEqual({ added: {}, audit: [] })
  })

  test('eight at once: one is stored, the others get its receipt', async () => {
    const body = underNewId(way)
    const { result: answers, effects } = await effectsOf(gateway.database, () =>
      Promise.all(Array.from({ length: 8 }, () => send(way, body))),
    )
    expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([
      ...Array<number>(7).fill(200),
      201,
    ])
    expect(new Set(answers.map((answer) => receiptIn(way, answer))).size).toBe(1)
    expect([effects.added.message, effects.audit.map(({ kind }) => kind)]).toEqual([1, ['accept']])
  })

  test('the same id on other bytes is refused, and tells of nobody new', async () => {
    const body = underNewId(way)
    await send(way, body)
    const other = body.replaceAll('1502829995', '3001749995')
    const { result: answer, effects } = await effectsOf(gateway.database, () => send(way, other))
    const text =
      'this message id was used before for other content; nothing was stored: send it again under a new id'
    expect(answer.status).toBe(409)
    if (way.answers === 'json') expect(answer.json()).toEqual(outcome('message-id-reused', text))
    else expect(answer.text).toContain(`|205^^HL70357|E|message-id-reused^^https://sluse.example`)
    expect(effects.added).toEqual({ quarantine: 1 })
    expect(effects.audit).toMatchObject([{ kind: 'refuse', reason: 'message-id-reused', client: way.client }])
  })
})

describe('a citizen whom nobody has sent before', () => {
  const stranger = { identifier: { system: 'urn:oid:1.2.208.176.1.2', value: '0201919990' } }

  test.for(['POST', 'PUT'])('is not remembered from a %s that was refused', async (method) => {
    const path = method === 'POST' ? '/fhir/Condition' : `/fhir/Condition/${randomUUID()}`
    const { code: _code, ...without } = { ...condition, subject: stranger }
    const token = await gateway.client('gp-system').token()
    const before = await countRows(gateway.database)
    const sent = { method, token, type: FHIR_JSON }
    const refused = await sendRaw(gateway.baseUrl, path, { ...sent, body: JSON.stringify(without) })
    expect(refused.status).toBe(422)
    expect(await countRows(gateway.database)).toEqual({ ...before, quarantine: before.quarantine + 1 })
  })

  test('sent by many at once becomes one citizen', async () => {
    const body = JSON.stringify({ ...condition, subject: stranger })
    const token = await gateway.client('gp-system').token()
    const before = await countRows(gateway.database)
    const answers = await Promise.all(
      Array.from({ length: 10 }, () =>
        sendRaw(gateway.baseUrl, '/fhir/Condition', { method: 'POST', token, type: FHIR_JSON, body }),
      ),
    )
    expect(answers.map(({ status }) => status)).toEqual(Array<number>(10).fill(201))
    const after = await countRows(gateway.database)
    expect([after.person - before.person, after.resource - before.resource]).toEqual([1, 10])
  })
})
