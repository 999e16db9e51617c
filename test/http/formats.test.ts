/** What is asked for and how it is sent, before anybody is asked who: formats, addresses, parameters, sizes. */
import { sectorRoutes } from '#adapters/sector-routes.ts'
import { fhirRoutes } from '#exchange/interactions.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sampleCarePlan } from '#test/fhir-samples.ts'
import { startGateway, type TestGateway } from '#test/gateway.ts'
import { faultsIn, outcome, sendRaw } from '#test/http.ts'

let gateway: TestGateway
let token: string
beforeAll(async () => {
  gateway = await startGateway({ role: 'gateway' })
  token = await gateway.client('hospital-ehr').token()
})
afterAll(() => gateway.close())

const ACCEPTABLE = 'answers are `application/fhir+json` of FHIR 4.0, in UTF-8; ask for that, or leave it out'

// https://hl7.org/fhir/R4/http.html#mime-type and #version-parameter
describe('Accept', () => {
  const served = [
    'application/fhir+json',
    'application/json',
    'text/json',
    '*/*',
    'application/*',
    'APPLICATION/FHIR+JSON',
    'application/fhir+json; fhirVersion=4.0',
    'application/fhir+json; fhirVersion=4.0.1',
    'application/fhir+json;charset=utf-8;fhirVersion=4.0',
    'application/fhir+json; charset="UTF-8"',
    'application/fhir+xml;q=0.9, application/fhir+json;q=0.1',
    'text/html, */*;q=0.1',
    '',
  ]
  test.each(served)('%j is answered in JSON', async (accept) => {
    const answer = await sendRaw(gateway.baseUrl, '/fhir/metadata', { headers: { accept } })
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      200,
      'application/fhir+json; charset=utf-8; fhirVersion=4.0',
    ])
  })

  const refused = [
    'application/fhir+xml',
    'application/xml',
    'text/xml',
    'text/turtle',
    'application/fhir+turtle',
    'text/html',
    'application/x-ndjson',
    'application/fhir+json; fhirVersion=4.3',
    'application/fhir+json; fhirVersion=5.0',
    'application/fhir+json; fhirVersion=3.0',
    'application/fhir+json; fhirVersion=',
    'application/fhir+json; charset=iso-8859-1',
    'application/fhir+json; charset=utf-16',
    'application/fhir+json;q=0',
    '*/*;q=0.000',
    'application/fhir+json; fhirVersion=4.0; fhirVersion=5.0',
    'json',
    'application',
    'application/fhir+json/x',
    ';',
    ',',
    `${'a/b,'.repeat(50)}*/*`,
  ]
  test.each(refused)('%j is not', async (accept) => {
    const answer = await sendRaw(gateway.baseUrl, '/fhir/metadata', { headers: { accept } })
    expect([answer.status, answer.json()]).toEqual([
      406,
      outcome('not-acceptable', ACCEPTABLE, 'http:Accept'),
    ])
  })
})

// https://hl7.org/fhir/R4/http.html#parameters: it goes before Accept.
describe('_format', () => {
  const served = [
    'json',
    'JSON',
    'application/json',
    'application/fhir%2Bjson',
    'application/fhir+json',
    'text/json',
  ]
  test.each(served)('%s is answered in JSON, whatever Accept says', async (format) => {
    const headers = { accept: 'application/fhir+xml' }
    expect((await sendRaw(gateway.baseUrl, `/fhir/metadata?_format=${format}`, { headers })).status).toBe(200)
  })

  const refused = [
    'xml',
    'application/fhir%2Bxml',
    'ttl',
    'html',
    '',
    'json&_format=xml',
    'application/fhir%2Bjson;fhirVersion=5.0',
  ]
  test.each(refused)('%j is not', async (format) => {
    const answer = await sendRaw(gateway.baseUrl, `/fhir/metadata?_format=${format}`)
    expect([answer.status, answer.json()]).toEqual([406, outcome('not-acceptable', ACCEPTABLE, '_format')])
  })

  test('is no search parameter, in the URL or in a form', async () => {
    const id = '0f8f5a0e-8f0c-4a57-9a55-5c1c1a3f7d21'
    const inUrl = await sendRaw(gateway.baseUrl, `/fhir/CarePlan?_id=${id}&_format=json`, { token })
    const type = 'application/x-www-form-urlencoded'
    const form = { method: 'POST', token, type, body: `_id=${id}&_format=json` }
    const inForm = await sendRaw(gateway.baseUrl, '/fhir/CarePlan/_search', form)
    expect([inUrl.status, inForm.status]).toEqual([200, 200])
    const xml = await sendRaw(gateway.baseUrl, '/fhir/CarePlan/_search', {
      ...form,
      body: `_id=${id}&_format=xml`,
    })
    expect([xml.status, faultsIn(xml.json())]).toEqual([
      406,
      [{ code: 'not-acceptable', expression: '_format' }],
    ])
  })
})

describe('Content-Type', () => {
  const { id: _id, ...plan } = sampleCarePlan()
  const body = JSON.stringify(plan)
  test.each([
    'application/fhir+json',
    'application/json',
    'application/fhir+json; charset=utf-8; fhirVersion=4.0',
    'Application/FHIR+JSON;Charset="UTF-8"',
    'application/json;charset=us-ascii',
  ])('%s is read', async (type) => {
    expect(
      (await sendRaw(gateway.baseUrl, '/fhir/CarePlan', { method: 'POST', token, type, body })).status,
    ).toBe(201)
  })

  const SEND = 'this Content-Type is not read here; send `application/fhir+json` or `application/json`'
  test.each([
    ['application/fhir+json; fhirVersion=4.3', 'this fhirVersion is not read; send FHIR 4.0'],
    ['application/fhir+json; fhirVersion=5.0', 'this fhirVersion is not read; send FHIR 4.0'],
    ['application/fhir+json; charset=iso-8859-1', 'this charset is not read; send UTF-8'],
    ['application/json; charset=utf-16le', 'this charset is not read; send UTF-8'],
    ['application/fhir+json; charset=utf-8; charset=utf-7', SEND],
    ['application/fhir+json, application/xml', SEND],
    ['application/fhir+xml', SEND],
    ['text/turtle', SEND],
    ['multipart/form-data; boundary=x', SEND],
    ['application/x-www-form-urlencoded', SEND],
    ['application', SEND],
  ])('%s is not', async (type, text) => {
    const answer = await sendRaw(gateway.baseUrl, '/fhir/CarePlan', { method: 'POST', token, type, body })
    expect([answer.status, answer.json()]).toEqual([
      415,
      outcome('media-type-unsupported', text, 'http:Content-Type'),
    ])
  })

  test.each(['gzip', 'br', 'deflate', 'gzip, gzip', 'compress'])(
    'a body in %s is not inflated',
    async (coding) => {
      const headers = { 'content-encoding': coding }
      const sent = { method: 'POST', token, type: 'application/fhir+json', headers, body }
      const answer = await sendRaw(gateway.baseUrl, '/fhir/CarePlan', sent)
      const text = 'compressed bodies are not read; send it plain'
      expect([answer.status, answer.json()]).toEqual([
        415,
        outcome('media-type-unsupported', text, 'http:Content-Encoding'),
      ])
    },
  )
})

describe('at a limit, and one beyond it', () => {
  test('an address of 8,192 characters', async () => {
    const address = (length: number): string => `/health/live?${'a'.repeat(length - '/health/live?'.length)}`
    expect((await sendRaw(gateway.baseUrl, address(8_192))).status).toBe(200)
    const answer = await sendRaw(gateway.baseUrl, address(8_193))
    const text = 'the address has 8193 characters, 8192 are read; send a search as POST to `_search`'
    expect([answer.status, answer.json()]).toEqual([414, outcome('url-too-long', text)])
  })

  const id = '0f8f5a0e-8f0c-4a57-9a55-5c1c1a3f7d21'
  const parameters = (count: number): string => Array.from({ length: count }, () => `_id=${id}`).join('&')
  const FORM = { method: 'POST', type: 'application/x-www-form-urlencoded' }
  const TOO_MANY = outcome('parameter-invalid', 'at most 50 parameters are read')

  test('50 parameters in a URL', async () => {
    expect((await sendRaw(gateway.baseUrl, `/fhir/CarePlan?${parameters(50)}`, { token })).status).toBe(200)
    const answer = await sendRaw(gateway.baseUrl, `/fhir/CarePlan?${parameters(51)}`, { token })
    expect([answer.status, answer.json()]).toEqual([400, TOO_MANY])
  })

  test('50 parameters in a form', async () => {
    const send = (body: string) =>
      sendRaw(gateway.baseUrl, '/fhir/CarePlan/_search', { ...FORM, token, body })
    expect((await send(parameters(50))).status).toBe(200)
    const answer = await send(parameters(51))
    expect([answer.status, answer.json()]).toEqual([400, TOO_MANY])
  })

  test.each(['/fhir/CarePlan/_search', '/oauth/token'])('64 kB of a form for %s', async (path) => {
    const send = (length: number) =>
      sendRaw(gateway.baseUrl, path, { ...FORM, token, body: 'a'.repeat(length) })
    expect((await send(65_536)).status).toBe(400)
    const answer = await send(65_537)
    const text = 'the form is larger than 64 kB; ask for less at a time'
    expect([answer.status, answer.json()]).toEqual([413, outcome('body-too-large', text)])
  })

  test('100 headers, on a wire where Node would drop some silently', async () => {
    const headers = Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`x-${i}`, '1']))
    const answer = await sendRaw(gateway.baseUrl, '/health/live', { headers })
    const text = 'more than 100 headers were sent; leave out those that are not needed'
    expect([answer.status, answer.json()]).toEqual([431, outcome('headers-too-large', text)])
  })
})

/** T40: https://owasp.org/www-project-application-security-verification-standard 14.2.2 */
test('every answer differs by token and format, and is kept nowhere', async () => {
  const open = ['/fhir/metadata', '/nowhere', '/health/live', '/oauth/token'].map((path) => ({
    path,
    method: 'GET',
  }))
  const routes = fhirRoutes.map(({ path, method }) => ({
    path: `/fhir${path}`,
    method: method.toUpperCase(),
  }))
  const sectors = sectorRoutes.map(({ path }) => ({ path, method: 'POST' }))
  for (const { path, method } of [...open, ...routes, ...sectors]) {
    const { headers } = await sendRaw(gateway.baseUrl, path, { method, token })
    expect([path, headers.get('vary'), headers.get('cache-control')]).toEqual([
      path,
      'Accept, Authorization',
      'no-store',
    ])
  }
})
