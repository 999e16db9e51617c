import { randomUUID } from 'node:crypto'
import type { Encounter } from '@medplum/fhirtypes'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sandboxOrganizations } from '#sandbox/identities.ts'
import { startGateway, type TestGateway } from '#test/gateway.ts'
import { type Received, sendRaw } from '#test/http.ts'
import { effectsOf } from '#test/rows.ts'
import { encounter, FHIR_JSON } from '#test/ways-in.ts'

let gateway: TestGateway
let gp: string
beforeAll(async () => {
  gateway = await startGateway({ role: 'gateway' })
  gp = await gateway.client('gp-system').token()
})
afterAll(() => gateway.close())

function write(
  method: 'POST' | 'PUT',
  prefer: string,
  headers: Record<string, string> = {},
  token = gp,
): Promise<Received> {
  const path = method === 'POST' ? '/fhir/Encounter' : `/fhir/Encounter/${randomUUID()}`
  return sendRaw(gateway.baseUrl, path, {
    method,
    token,
    type: FHIR_JSON,
    headers: { prefer, ...headers },
    body: JSON.stringify(encounter),
  })
}

// https://hl7.org/fhir/R4/http.html#ops
describe.each(['POST', 'PUT'] as const)('Prefer on %s', (method) => {
  test('return=minimal: no body', async () => {
    const answer = await write(method, 'return=minimal')
    expect([answer.status, answer.text]).toEqual([201, ''])
    expect(answer.headers.get('preference-applied')).toBe('return=minimal')
    expect(answer.headers.get('location')).toContain('/_history/')
  })

  test('return=representation: what was stored, as its custodian reads it, and audited as a disclosure', async () => {
    const { result: answer, effects } = await effectsOf(gateway.database, () =>
      write(method, 'return=representation'),
    )
    const { id, meta } = answer.json() as Encounter
    expect([answer.status, answer.headers.get('preference-applied')]).toEqual([201, 'return=representation'])
    expect(answer.headers.get('location')).toBe(
      `${gateway.baseUrl}/fhir/Encounter/${id}/_history/${meta?.versionId}`,
    )
    expect(answer.headers.get('etag')).toBe(`W/"${meta?.versionId}"`)
    const read = await sendRaw(gateway.baseUrl, `/fhir/Encounter/${id}`, { token: gp })
    expect(read.text).toBe(answer.text)
    expect(
      effects.audit.map(({ kind, interaction, outcome }) => `${kind} ${interaction} ${outcome}`).sort(),
    ).toEqual([
      `accept ${method === 'POST' ? 'create' : 'update'} success`,
      `disclose ${method === 'POST' ? 'create' : 'update'} success`,
    ])
  })

  test.each(['return=OperationOutcome', 'return=whatever', 'respond-async', ''])(
    '`%s`: an OperationOutcome',
    async (prefer) => {
      const answer = await write(method, prefer)
      expect((answer.json() as { resourceType: string }).resourceType).toBe('OperationOutcome')
      expect(answer.headers.get('preference-applied')).toBe(
        prefer === 'return=OperationOutcome' ? prefer : null,
      )
    },
  )

  test('beside another preference', async () => {
    expect((await write(method, 'handling=strict, return=minimal')).text).toBe('')
  })

  test('a client that may not read gets no representation', async () => {
    const client = await gateway.addClient({
      id: `writer-${randomUUID()}`,
      organizationId: sandboxOrganizations.gp.id,
      profile: 'smart',
      scopes: ['system/Encounter.cu'],
      purposeOfUse: ['TREAT'],
    })
    const answer = await write(method, 'return=representation', {}, await client.token())
    expect([answer.status, (answer.json() as { resourceType: string }).resourceType]).toEqual([
      201,
      'OperationOutcome',
    ])
  })

  test('with an Idempotency-Key the version is shown again, by the door, and kept nowhere', async () => {
    if (method === 'PUT') return
    const headers = { 'idempotency-key': randomUUID() }
    const first = await write(method, 'return=representation', headers)
    const { result: again, effects } = await effectsOf(gateway.database, () =>
      write(method, 'return=representation', headers),
    )
    expect([again.status, again.text, again.headers.get('etag')]).toEqual([
      201,
      first.text,
      first.headers.get('etag'),
    ])
    expect(again.headers.get('idempotency-replayed')).toBe('true')
    expect(effects.added).toEqual({})
    expect(effects.audit).toMatchObject([
      { kind: 'disclose', outcome: 'success', resources: [{ type: 'Encounter' }] },
    ])
  })
})
