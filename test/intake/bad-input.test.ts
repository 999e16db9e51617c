import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ErrorCode } from '#fhir/gateway-error.ts'
import { errors } from '#fhir/gateway-error.ts'
import { type SandboxClientId, startGateway, type TestGateway } from '#test/gateway.ts'
import { outcome, type Received, sendRaw, type Sent } from '#test/http.ts'
import { effectsOf } from '#test/rows.ts'
import { labelsIn, piecesIn } from '#test/secrets.ts'
import { type WayIn, waysIn } from '#test/ways-in.ts'
import { badInputs } from './bad-input-cases.ts'

let gateway: TestGateway
const tokens = new Map<SandboxClientId, string>()
beforeAll(async () => {
  gateway = await startGateway({ role: 'gateway' })
  for (const { client } of waysIn) tokens.set(client, await gateway.client(client).token())
})
afterAll(() => gateway.close())

function send(way: WayIn, sent: Sent): Promise<Received> {
  const token = tokens.get(way.client) ?? ''
  return sendRaw(gateway.baseUrl, way.path, { method: way.method, token, type: way.type, ...sent })
}

interface Want {
  readonly code: ErrorCode
  readonly text: string
  readonly expression?: string
}

/** The whole promise of a refusal: what the sender is told, what is kept, and what is not said to anybody. */
async function expectRefused(way: WayIn, sent: Sent, want: Want, kept: string): Promise<void> {
  const linesBefore = gateway.logged.length
  const { result: answer, effects } = await effectsOf(gateway.database, () => send(way, sent))
  expect([answer.status, refusalIn(way, answer)]).toEqual([errors[want.code].status, wanted(way, want)])
  expect(effects.added).toEqual({ quarantine: 1 })
  expect(effects.audit).toEqual([
    {
      v: 1,
      id: expect.any(String),
      kind: 'refuse',
      at: expect.any(String),
      outcome: 'refused',
      reason: want.code,
      client: way.client,
      organization: expect.any(String),
      interaction: way.interaction,
      requestId: answer.headers.get('x-request-id'),
    },
  ])
  await expectKept(way, want, { kept, id: effects.audit[0]?.id ?? '' })
  const told = [answer.text, [...answer.headers].join(), ...gateway.logged.slice(linesBefore)].join('\n')
  expect(piecesIn(told, way.secrets)).toEqual([])
}

function wanted(way: WayIn, { code, text, expression }: Want): unknown {
  if (way.answers !== 'hl7v2-ack') return outcome(code, text, expression)
  // An HTTP header is no field of a message: the text alone names it.
  const field = expression?.startsWith('http:') ? '' : (expression ?? '')
  return { acknowledged: 'AE', code, text, field }
}

/** ERR-2, ERR-5 and ERR-8: https://www.hl7.eu/HL7v2x/v251/std251/ch02.html#Heading38 */
function refusalIn(way: WayIn, { text, json }: Received): unknown {
  if (way.answers !== 'hl7v2-ack') return json()
  const [, msa = [], err = []] = text.split('\r').map((line) => line.split('|'))
  const [segment = '', , field] = (err[2] ?? '').split('^')
  return {
    acknowledged: msa[1],
    code: err[5]?.split('^')[0],
    text: err[8],
    field: field === undefined ? segment : `${segment}-${field}`,
  }
}

/** One sealed row that only its own place opens, and whose bytes show nothing. */
async function expectKept(
  way: WayIn,
  { code, expression }: Want,
  { id, kept }: { id: string; kept: string },
): Promise<void> {
  const rows = await gateway.database.query<{ sealed: Buffer; body_sha256: Buffer }>({
    text: 'select client_id, route, code, expression, body_sha256, sealed from quarantine where quarantine_id = $1',
    values: [id],
  })
  expect(rows).toEqual([
    {
      client_id: way.client,
      route: way.route,
      code,
      expression: expression ?? null,
      body_sha256: createHash('sha256').update(kept).digest(),
      sealed: expect.any(Buffer),
    },
  ])
  const sealed = rows[0]?.sealed ?? Buffer.alloc(0)
  expect(gateway.seal.open(`quarantine|${id}|sealed`, sealed).toString()).toBe(kept)
  expect(() => gateway.seal.open(`quarantine|${id}|other`, sealed)).toThrow()
  expect(piecesIn(sealed.toString('latin1'), way.secrets)).toEqual([])
}

describe.for(waysIn)('$title', (way) => {
  test('an empty body', () =>
    expectRefused(
      way,
      { body: '' },
      { code: 'body-empty', text: 'the body is empty; send the message or resource in it' },
      '',
    ))

  test('another content type', () => {
    const types = mediaTypesOf(way)
    const text = `this Content-Type is not read here; send ${types}`
    const want: Want = { code: 'media-type-unsupported', text, expression: 'http:Content-Type' }
    return expectRefused(way, { body: way.body, type: 'text/html' }, want, way.body)
  })

  test('compressed: not inflated, since a few bytes could become many', () => {
    const want: Want = {
      code: 'media-type-unsupported',
      text: 'compressed bodies are not read; send it plain',
      expression: 'http:Content-Encoding',
    }
    const headers = { 'content-encoding': 'gzip' }
    return expectRefused(way, { body: new Uint8Array(gzipSync(way.body)), headers }, want, '')
  })

  test('too large', () => {
    const text = 'the body is larger than 2 MB; send it in parts, or without attachments'
    const body = way.body + ' '.repeat(2 * 1024 * 1024)
    return expectRefused(way, { body }, { code: 'body-too-large', text }, '')
  })

  test.for(badInputs[way.title] ?? [])('$title', async ({ replace: [from, to], want }) => {
    const body = way.body.replaceAll(from, to)
    expect(body).not.toBe(way.body)
    await expectRefused(way, { body }, want, body)
  })

  test('the body itself is accepted', async () => {
    const { result: answer, effects } = await effectsOf(gateway.database, () => send(way, { body: way.body }))
    expect(answer.status).toBe(201)
    const { person: _person, person_identifier: _identifier, ...added } = effects.added
    expect(added).toEqual(way.stores)
  })
})

function mediaTypesOf({ answers, type }: WayIn): string {
  if (answers === 'hl7v2-ack')
    return '`x-application/hl7-v2+er7` or `application/hl7-v2` or `application/hl7-v2+er7` or `text/plain`'
  return type === 'application/json' ? '`application/json`' : '`application/fhir+json` or `application/json`'
}

test('no figure tells of a citizen', async () => {
  const { text } = await sendRaw(gateway.baseUrl, '/metrics')
  expect(text).toContain('sluse_http_request_duration_seconds')
  const secrets = waysIn.flatMap((way) => way.secrets)
  expect(piecesIn(labelsIn(text), secrets)).toEqual([])
})

test('every way in has bad inputs', () => {
  expect(Object.keys(badInputs)).toEqual(waysIn.map(({ title }) => title))
})
