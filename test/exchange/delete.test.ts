import { randomUUID } from 'node:crypto'
import type { Bundle } from '@medplum/fhirtypes'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sandboxOrganizations } from '#sandbox/identities.ts'
import { sampleConsent } from '#test/fhir-samples.ts'
import { startGateway, type TestGateway } from '#test/gateway.ts'
import { comparable, outcome, type Received, sendRaw } from '#test/http.ts'
import { effectsOf } from '#test/rows.ts'
import { condition, encounter, FHIR_JSON } from '#test/ways-in.ts'

let gateway: TestGateway
let gp: string
let hospital: string
beforeAll(async () => {
  gateway = await startGateway({ role: 'gateway' })
  gp = await gateway.client('gp-system').token()
  hospital = await gateway.client('hospital-ehr').token()
})
afterAll(() => gateway.close())

async function made(id: string = randomUUID()): Promise<{ readonly id: string; readonly answer: Received }> {
  const body = JSON.stringify(encounter)
  const answer = await sendRaw(gateway.baseUrl, `/fhir/Encounter/${id}`, {
    method: 'PUT',
    token: gp,
    type: FHIR_JSON,
    body,
  })
  return { id, answer }
}

function remove(id: string, token = gp, headers: Record<string, string> = {}): Promise<Received> {
  return sendRaw(gateway.baseUrl, `/fhir/Encounter/${id}`, { method: 'DELETE', token, headers })
}

function get(path: string, token = gp): Promise<Received> {
  return sendRaw(gateway.baseUrl, `/fhir/${path}`, { token })
}

function fullUrls(answer: Received): readonly (string | undefined)[] {
  return ((answer.json() as Bundle).entry ?? []).map(({ fullUrl }) => fullUrl)
}

const NOT_WRITABLE = outcome('not-found', 'there is no resource with this id that you may write')

// https://hl7.org/fhir/R4/http.html#delete
describe('delete', () => {
  test('204 and no body; a version says so, and what it was stays for its custodian', async () => {
    const { id } = await made()
    const { result, effects } = await effectsOf(gateway.database, () => remove(id))
    expect([result.status, result.text]).toEqual([204, ''])
    expect(effects.added).toEqual({ resource_version: 1 })
    expect(effects.audit).toMatchObject([
      {
        kind: 'accept',
        outcome: 'success',
        interaction: 'delete',
        custodian: sandboxOrganizations.gp.id,
        resources: [{ type: 'Encounter', id }],
      },
    ])
    const versions = await gateway.database.query({
      text: 'select interaction, content is null as empty from resource_version where id = $1 order by recorded',
      values: [id],
    })
    expect(versions).toEqual([
      { interaction: 'create', empty: false },
      { interaction: 'delete', empty: true },
    ])
  })

  test('again it is 204, and nothing more happens', async () => {
    const { id } = await made()
    await remove(id)
    const { result, effects } = await effectsOf(gateway.database, () => remove(id))
    expect([result.status, effects]).toEqual([204, { added: {}, audit: [] }])
  })

  test('gone from reads and searches: to others as what never was', async () => {
    const { id } = await made()
    const subject = /Patient\/[0-9a-f-]{36}/.exec((await get(`Encounter/${id}`)).text)?.[0] ?? ''
    const url = `${gateway.baseUrl}/fhir/Encounter/${id}`
    expect(fullUrls(await get(`Encounter?_id=${id}`))).toEqual([url])
    await remove(id)
    expect((await get(`Encounter/${id}`)).status).toBe(410)
    for (const query of [`_id=${id}`, `patient=${subject}`])
      expect(fullUrls(await get(`Encounter?${query}`))).not.toContain(url)
    const [found, absent] = [
      await get(`Encounter/${id}`, hospital),
      await get(`Encounter/${randomUUID()}`, hospital),
    ]
    expect(found.status).toBe(404)
    expect(comparable(found)).toEqual(comparable(absent))
  })

  test('a PUT brings it back, as a create', async () => {
    const { id } = await made()
    await remove(id)
    expect((await made(id)).answer.status).toBe(201)
    expect((await get(`Encounter/${id}`)).status).toBe(200)
    expect((await made(id)).answer.status).toBe(200)
  })

  test('its id stays its custodian’s', async () => {
    const { id } = await made()
    await remove(id)
    const body = JSON.stringify(encounter)
    const taken = await sendRaw(gateway.baseUrl, `/fhir/Encounter/${id}`, {
      method: 'PUT',
      token: hospital,
      type: FHIR_JSON,
      body,
    })
    expect([taken.status, taken.json()]).toEqual([404, NOT_WRITABLE])
  })

  test("another organisation's is answered as one that does not exist, with and without If-Match", async () => {
    const { id, answer } = await made()
    for (const headers of [{}, { 'if-match': answer.headers.get('etag') ?? '' }]) {
      const [found, absent] = [
        await remove(id, hospital, headers),
        await remove(randomUUID(), hospital, headers),
      ]
      expect([found.status, found.json()]).toEqual([404, NOT_WRITABLE])
      expect(comparable(found)).toEqual(comparable(absent))
    }
    expect((await get(`Encounter/${id}`)).status).toBe(200)
  })

  test('under the address of another type it is not there', async () => {
    const { id } = await made()
    const answer = await sendRaw(gateway.baseUrl, `/fhir/Condition/${id}`, { method: 'DELETE', token: gp })
    expect([answer.status, answer.json()]).toEqual([404, NOT_WRITABLE])
  })

  test('If-Match: only the version that is current', async () => {
    const { id, answer } = await made()
    await made(id)
    const stale = await remove(id, gp, { 'if-match': answer.headers.get('etag') ?? '' })
    expect(stale.status).toBe(412)
    const current = (await get(`Encounter/${id}`)).headers.get('etag') ?? ''
    expect((await remove(id, gp, { 'if-match': current })).status).toBe(204)
    // A PUT from the version that was deleted is made from nothing that is there.
    const headers = { 'if-match': current }
    const late = await sendRaw(gateway.baseUrl, `/fhir/Encounter/${id}`, {
      method: 'PUT',
      token: gp,
      type: FHIR_JSON,
      headers,
      body: JSON.stringify(encounter),
    })
    expect(late.status).toBe(412)
  })

  test('a condition does not find it', async () => {
    const identifier = [{ system: 'https://gp.example', value: randomUUID() }]
    const post = (): Promise<Received> =>
      sendRaw(gateway.baseUrl, '/fhir/Condition', {
        method: 'POST',
        token: gp,
        type: FHIR_JSON,
        headers: { 'if-none-exist': `identifier=${identifier[0]?.value}` },
        body: JSON.stringify({ ...condition, identifier }),
      })
    const first = await post()
    const id = /Condition\/([0-9a-f-]{36})/.exec(first.headers.get('location') ?? '')?.[1] ?? ''
    await sendRaw(gateway.baseUrl, `/fhir/Condition/${id}`, { method: 'DELETE', token: gp })
    expect([first.status, (await post()).status]).toEqual([201, 201])
  })

  test('of a consent is refused, and told what to do instead', async () => {
    const id = randomUUID()
    const body = JSON.stringify(sampleConsent(sandboxOrganizations.gp.identifiers[2], ['PSY']))
    await sendRaw(gateway.baseUrl, `/fhir/Consent/${id}`, {
      method: 'PUT',
      token: hospital,
      type: FHIR_JSON,
      body,
    })
    const answer = await sendRaw(gateway.baseUrl, `/fhir/Consent/${id}`, {
      method: 'DELETE',
      token: hospital,
    })
    const text = 'a consent is not deleted: take it back with `POST /fhir/Consent/<id>/$withdraw`'
    expect([answer.status, answer.json()]).toEqual([405, outcome('method-not-allowed', text)])
    expect((await get(`Consent/${id}`, hospital)).status).toBe(200)
  })
})
