/**
 * Attacks on what reads requests, kept as data in `corpus/`: each is refused by its code, at once, without a word of it in
 * the answer or the log, and without a trace in the process.
 */
import type { CarePlan } from '@medplum/fhirtypes'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sampleCarePlan } from '#test/fhir-samples.ts'
import { startGateway, type TestGateway } from '#test/gateway.ts'
import { errors } from '#fhir/gateway-error.ts'
import { faultsIn, type Received, sendRaw } from '#test/http.ts'
import { FHIR_JSON } from '#test/ways-in.ts'
import { addresses } from './corpus/addresses.ts'
import { type Attack, CANARY } from './corpus/attack.ts'
import { headers } from './corpus/headers.ts'
import { jsonBodies, planWithScript, scripts } from './corpus/json-bodies.ts'

const attacks: readonly Attack[] = [...jsonBodies, ...addresses, ...headers]

/** Reliability T41. Of this process, which is client and gateway at once. */
const BOUND_MS = 250
/** In `npm test` a modest number; `FUZZ_RUNS=100000` for a night. */
const FUZZ_RUNS = Number(process.env['FUZZ_RUNS'] ?? 150)

let gateway: TestGateway
let token: string
beforeAll(async () => {
  gateway = await startGateway({ role: 'gateway' })
  token = await gateway.client('hospital-ehr').token()
  // The code is compiled on the way: what is measured is the attack.
  for (const path of ['/fhir/metadata', '/fhir/CarePlan/x']) await sendRaw(gateway.baseUrl, path, { token })
  for (const { body = '', ...rest } of jsonBodies.slice(0, 30)) await send({ ...rest, body })
})
afterAll(() => gateway.close())

function send({
  path,
  method = 'GET',
  type,
  body,
  headers: sent,
  authorization,
}: Omit<Attack, 'title' | 'code'>): Promise<Received> {
  return sendRaw(gateway.baseUrl, path, {
    method,
    ...(type === undefined ? {} : { type }),
    ...(body === undefined ? {} : { body }),
    headers: { authorization: authorization ?? `Bearer ${token}`, ...sent },
  })
}

/** Nothing that a client wrote, in no form that a log or a terminal would take for its own. */
function expectUntouched(answer: Received, lines: readonly string[]): void {
  const said = [answer.text, ...[...answer.headers].flat(), ...lines].join('\n')
  expect(said).not.toContain(CANARY)
  expect(said).not.toMatch(/2509479989|passwd|evil\.example|<script|alert\(/i)
  // oxlint-disable-next-line no-control-regex -- these are the characters to find
  expect(lines.join('')).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f\u202e]/)
  for (const line of lines) expect(JSON.parse(line)).toBeTypeOf('object')
  expect(({} as Record<string, unknown>)['x']).toBeUndefined()
}

describe('an attack is refused', () => {
  test.for(attacks)('$title', async (attack) => {
    const logged = gateway.logged.length
    const begun = process.cpuUsage()
    const answer = await send(attack)
    const { user, system } = process.cpuUsage(begun)
    expect([answer.status, faultsIn(answer.json())[0]?.code]).toEqual([
      errors[attack.code].status,
      attack.code,
    ])
    expect(answer.headers.get('content-type')).toMatch(/^application\/fhir\+json; charset=utf-8/)
    expectUntouched(answer, gateway.logged.slice(logged))
    expect((user + system) / 1_000).toBeLessThan(BOUND_MS)
  })

  test('of which there are enough, each with a name of its own', () => {
    expect(attacks.length).toBeGreaterThan(200)
    expect(new Set(attacks.map(({ title }) => title)).size).toBe(attacks.length)
  })
})

// Reliability T19: what a sender wrote as mark-up is thrown away, and what it wrote as text stays text.
describe('a script in a narrative or a title is given back as mark-up to nobody, its sender neither', () => {
  test.for([...scripts])('%s', async (script) => {
    const body = planWithScript(script)
    const created = await send({
      method: 'POST',
      path: '/fhir/CarePlan',
      type: FHIR_JSON,
      body,
    })
    expect(created.status).toBe(201)
    const path = new URL(created.headers.get('location') ?? '').pathname.replace(/\/_history.*$/, '')
    const read = await send({ path })
    const { title, text } = read.json() as CarePlan
    expect([read.status, title]).toEqual([200, script])
    const div = (text?.div ?? '').replaceAll(
      /<(\/?(div|dl|dt|dd|p|ul|ol|li|b|table|tbody|thead|tr|td|th|span|h[1-6]|br\/))( xmlns="[^"]*"| lang="[^"]*"| xml:lang="[^"]*")*>/g,
      '',
    )
    expect(div).not.toContain('<')
    expect(div).not.toContain(CANARY)
  })
})

describe('bytes that nobody chose', () => {
  const pieces = [
    '"',
    '\\',
    '{',
    '}',
    '[',
    ']',
    ':',
    ',',
    '\0',
    '\ud83d',
    '__proto__',
    '1e999',
    'null',
    '%00',
    '&',
    '=',
    '|',
    '../',
    CANARY,
  ]
  const damage = fc.record({
    at: fc.nat(),
    remove: fc.nat({ max: 40 }),
    insert: fc.oneof(fc.string({ maxLength: 6, unit: 'binary' }), fc.constantFrom(...pieces)),
  })
  const damaged = (
    text: string,
    damages: readonly { at: number; remove: number; insert: string }[],
  ): string =>
    damages.reduce((so, { at, remove, insert }) => {
      const start = at % (so.length + 1)
      return so.slice(0, start) + insert + so.slice(start + remove)
    }, text)
  const damages = fc.array(damage, { minLength: 1, maxLength: 4 })

  function expectJudged(answer: Received, logged: number): void {
    expect(answer.status).toBeLessThan(500)
    if (answer.status >= 400) expect(answer.json()).toMatchObject({ resourceType: 'OperationOutcome' })
    expect(gateway.logged.slice(logged).join()).not.toContain(CANARY)
    expect(({} as Record<string, unknown>)['x']).toBeUndefined()
  }

  test('in a plan', { timeout: 20_000 + FUZZ_RUNS * 50 }, async () => {
    const { id: _id, ...sample } = sampleCarePlan()
    const plan = JSON.stringify(sample)
    await fc.assert(
      fc.asyncProperty(damages, async (list) => {
        const logged = gateway.logged.length
        const body = damaged(plan, list)
        const attack = {
          method: 'POST',
          path: '/fhir/CarePlan',
          type: 'application/fhir+json',
          body,
        }
        expectJudged(await send(attack), logged)
      }),
      { numRuns: FUZZ_RUNS },
    )
  })

  test('in an address', { timeout: 20_000 + FUZZ_RUNS * 50 }, async () => {
    const address =
      'CarePlan?patient=Patient/0f8f5a0e-8f0c-4a57-9a55-5c1c1a3f7d21&status=active,draft&_lastUpdated=ge2026-01-01T10:00:00Z'
    await fc.assert(
      fc.asyncProperty(damages, async (list) => {
        const logged = gateway.logged.length
        const path = `/fhir/${damaged(address, list)}`.replaceAll('#', '')
        const answer = await send({ path })
        expectJudged(answer, logged)
      }),
      { numRuns: FUZZ_RUNS },
    )
  })
})
