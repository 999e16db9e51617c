import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sectorRoutes } from '#adapters/sector-routes.ts'
import { fhirRoutes } from '#exchange/interactions.ts'
import { startGateway, type TestGateway } from '#test/gateway.ts'
import { faultsIn, outcome, sendRaw } from '#test/http.ts'
import { piecesIn } from '#test/secrets.ts'

let gateway: TestGateway
let token: string
beforeAll(async () => {
  gateway = await startGateway({ role: 'gateway' })
  token = await gateway.client('gp-system').token()
})
afterAll(() => gateway.close())

describe('X-Request-Id', () => {
  const cases = [
    { title: 'a UUID is kept', sent: '0f8f5a0e-8f0c-4a57-9a55-5c1c1a3f7d21', kept: true },
    {
      title: 'a UUID with a long run of digits is kept',
      sent: '12345678-1234-4234-8234-123456789012',
      kept: true,
    },
    { title: 'an id is kept', sent: 'epj.2026-batch_7', kept: true },
    { title: 'a national id is not', sent: '2509479989-1', kept: false },
    { title: 'a date of birth is not', sent: 'patient-250947', kept: false },
    { title: 'words are not', sent: 'Bruno Elmer', kept: false },
    { title: 'a short one is not', sent: 'abc', kept: false },
    { title: 'a long one is not', sent: 'a'.repeat(65), kept: false },
    { title: 'a mark-up is not', sent: '<script>alert(1)</script>', kept: false },
  ]
  test.for(cases)('$title', async ({ sent, kept }) => {
    const answer = await sendRaw(gateway.baseUrl, '/health/live', { headers: { 'x-request-id': sent } })
    const id = answer.headers.get('x-request-id') ?? ''
    if (kept) expect(id).toBe(sent)
    else expect(id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
    expect(gateway.logged.at(-1)).toContain(`"requestId":"${id}"`)
    if (!kept) expect(gateway.logged.join()).not.toContain(`"${sent}"`)
  })
})

describe('an address that is not served', () => {
  test.each([
    '/',
    '/fhir/Medication',
    '/fhir/Medication/2509479989',
    '/fhir/CarePlan/a/b',
    '/admin',
    '/../etc/passwd',
  ])('%s', async (path) => {
    const answer = await sendRaw(gateway.baseUrl, path, { token })
    const text = 'there is nothing at this address; GET /fhir/metadata lists what is served'
    expect([answer.status, answer.json()]).toEqual([404, outcome('not-found', text)])
    expect(piecesIn([answer.text, ...gateway.logged].join(), ['2509479989'])).toEqual([])
  })

  test.each(['/fhir/CarePlan/%E0%A4%A', '/fhir/CarePlan/%'])('broken encoding: %s', async (path) => {
    const answer = await sendRaw(gateway.baseUrl, path, { token })
    const text = 'the request could not be read; check its address, length and encoding'
    expect([answer.status, answer.json()]).toEqual([400, outcome('request-malformed', text)])
  })
})

// https://www.rfc-editor.org/rfc/rfc9110#status.405
describe('a method that is not served', () => {
  const served = new Map<string, string[]>(sectorRoutes.map(({ path }) => [path, ['POST']]))
  served.set('/oauth/token', ['POST'])
  for (const { method, path } of fhirRoutes) {
    const known = served.get(`/fhir${path}`) ?? []
    served.set(`/fhir${path}`, [...known, method.toUpperCase()])
  }
  // `_search`, `$status`, `$decide` and `$override` are also ids of the address beside them: what that takes is not refused here.
  const taken = (path: string): readonly string[] => [
    ...(served.get(path) ?? []),
    ...(served.get(path.replace(/(_search|\$[a-z]+)$/, ':id')) ?? []),
  ]
  const cases = [...served].flatMap(([path, methods]) =>
    ['DELETE', 'PATCH', 'PUT', 'POST']
      .filter((method) => !taken(path).includes(method))
      // Answered with a way to take the consent back.
      .filter((method) => !(method === 'DELETE' && /^\/fhir\/Consent\/[^/]+$/.test(path)))
      .map((method) => ({ method, path, methods })),
  )
  test.for(cases)('$method $path', async ({ method, path, methods }) => {
    const address = path.replace(':id', '0f8f5a0e-8f0c-4a57-9a55-5c1c1a3f7d21')
    const answer = await sendRaw(gateway.baseUrl, address, { method, token })
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, methods.join(', ')])
    expect(answer.json()).toEqual(
      outcome(
        'method-not-allowed',
        `this address takes ${methods.join(' and ')}; GET /fhir/metadata lists what is served`,
      ),
    )
  })
})

describe('every answer', () => {
  test.each([
    '/fhir/metadata',
    '/health/live',
    '/health/ready',
    '/metrics',
    '/fhir/CarePlan',
    '/nowhere',
    '/.well-known/jwks.json',
  ])('of %s is kept by no cache, and framed by nobody', async (path) => {
    const { headers } = await sendRaw(gateway.baseUrl, path)
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('content-security-policy')).toBe("default-src 'none';frame-ancestors 'none'")
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('strict-transport-security')).toMatch(/^max-age=/)
    expect(headers.get('x-powered-by')).toBeNull()
  })

  test('HEAD has the headers of GET, and no body', async () => {
    const get = await sendRaw(gateway.baseUrl, '/fhir/metadata')
    const head = await sendRaw(gateway.baseUrl, '/fhir/metadata', { method: 'HEAD' })
    expect([head.status, head.text, head.headers.get('content-type')]).toEqual([
      200,
      '',
      get.headers.get('content-type'),
    ])
  })
})

describe('the token endpoint', () => {
  test('takes a form', async () => {
    const sent = { method: 'POST', type: 'application/json', body: '{"client_id":"2509479989"}' }
    const answer = await sendRaw(gateway.baseUrl, '/oauth/token', sent)
    expect([answer.status, faultsIn(answer.json())]).toEqual([
      415,
      [{ code: 'media-type-unsupported', expression: 'http:Content-Type' }],
    ])
  })

  test('a refusal is a row of the audit log, and says nothing of what was sent', async () => {
    const body = new URLSearchParams({ grant_type: 'password', username: 'Elmer 2509479989' }).toString()
    const sent = { method: 'POST', type: 'application/x-www-form-urlencoded', body }
    const answer = await sendRaw(gateway.baseUrl, '/oauth/token', sent)
    expect(answer.status).toBe(400)
    expect(piecesIn([answer.text, ...gateway.logged].join(), ['2509479989'])).toEqual([])
    const rows = await gateway.database.query<{ entry: string }>({
      text: "select entry from audit_event where kind = 'token' order by recorded desc limit 1",
    })
    expect(JSON.parse(rows[0]?.entry ?? '{}')).toMatchObject({
      outcome: 'refused',
      requestId: answer.headers.get('x-request-id'),
    })
    expect(rows[0]?.entry).not.toContain('Elmer')
  })
})
