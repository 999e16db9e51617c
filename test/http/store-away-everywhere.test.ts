/** Every route that there is, while the database is away: asked to come again, never answered as absent or as done. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { sectorRoutes } from '#adapters/sector-routes.ts'
import { type FhirRoute, fhirRoutes } from '#exchange/interactions.ts'
import { sandboxOrganizations } from '#sandbox/identities.ts'
import { freePort } from '#test/free-port.ts'
import { startGateway, type TestGateway } from '#test/gateway.ts'
import { outcome, sendRaw, type Sent } from '#test/http.ts'
import { countRows } from '#test/rows.ts'
import { startTcpProxy, type TcpProxy } from '#test/tcp-proxy.ts'

let direct: TestGateway
let proxy: TcpProxy
let beside: Pick<TestGateway, 'close'>
let url: string
let token: string
let before: unknown

beforeAll(async () => {
  const { host, user } = inject('postgres')
  direct = await startGateway({ role: 'gateway' })
  proxy = await startTcpProxy({ path: `${host}/.s.PGSQL.5432` })
  const port = await freePort()
  url = `http://127.0.0.1:${port}`
  const database = `postgresql://${user}@127.0.0.1:${proxy.port}/${direct.cloned.name}`
  beside = await direct.startBeside({ role: 'gateway', port, database: { kind: 'url', url: database } })
  const organizationId = sandboxOrganizations.hospital.id
  const client = {
    id: 'everything',
    organizationId,
    profile: 'smart',
    scopes: ['system/*.cruds'],
    purposeOfUse: ['TREAT'],
  } as const
  token = await (await direct.addClient(client)).token()
  // The gateway knows the client now: what it lacks is what each route itself reads or writes.
  expect((await sendRaw(url, `/fhir/CarePlan/${randomUUID()}`, { token })).status).toBe(404)
  before = await countRows(direct.database)
  await proxy.cut()
})
afterAll(async () => {
  await beside.close()
  await proxy.close()
  await direct.close()
})

const AWAY = outcome(
  'store-unavailable',
  'the database is not answering; send the same request again after the seconds in Retry-After',
)
const FORM = 'application/x-www-form-urlencoded'

/** A request that the route takes as far as its first row. */
function requestTo({ method, path, resourceType, body }: FhirRoute): { path: string; sent: Sent } {
  const isProvenance = resourceType === 'Provenance'
  // Of a record and a version of it.
  const idOf = (): string =>
    isProvenance ? `${randomUUID()}${randomUUID()}`.replaceAll('-', '') : randomUUID()
  const address = `/fhir${path}`.replaceAll(/:\w+/g, idOf)
  const asked = isProvenance ? `target=CarePlan/${randomUUID()}` : `_id=${randomUUID()}`
  const sent = { method: method.toUpperCase() }
  if (body === 'form') return { path: address, sent: { ...sent, type: FORM, body: asked } }
  if (body === 'none') return { path: /:|\$|Subscription/.test(path) ? address : `${address}?${asked}`, sent }
  const resource = JSON.stringify({ resourceType })
  return { path: address, sent: { ...sent, type: 'application/fhir+json', body: resource } }
}

describe('503, and when to come again', () => {
  test.for(fhirRoutes.map((route) => ({ title: `${route.method.toUpperCase()} /fhir${route.path}`, route })))(
    '$title',
    async ({ route }) => {
      const { path, sent } = requestTo(route)
      const answer = await sendRaw(url, path, { ...sent, token })
      expect([answer.status, answer.headers.get('retry-after'), answer.json()]).toEqual([503, '5', AWAY])
    },
  )

  test.for(sectorRoutes.filter(({ sector }) => sector === 'hospital'))(
    'POST $path',
    async ({ path, mediaTypes }) => {
      const answer = await sendRaw(url, path, {
        method: 'POST',
        token,
        type: mediaTypes[0] ?? '',
        body: '{}',
      })
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5'])
    },
  )

  test.each(['/oauth/token', '/oauth/introspect', '/oauth/revoke'])('POST %s', async (path) => {
    const answer = await sendRaw(url, path, { method: 'POST', type: FORM, body: 'grant_type=x' })
    expect([answer.status, answer.headers.get('retry-after'), answer.json()]).toEqual([503, '5', AWAY])
  })
})

test('what needs no database is answered', async () => {
  for (const path of [
    '/fhir/metadata',
    '/health/live',
    '/metrics',
    '/.well-known/jwks.json',
    '/.well-known/smart-configuration',
  ])
    expect([path, (await sendRaw(url, path)).status]).toEqual([path, 200])
})

test('and nothing of it all was stored', async () => {
  expect(await countRows(direct.database)).toEqual(before)
})
