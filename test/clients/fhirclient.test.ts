/** The SMART JavaScript client, as a back-end service uses it: `fhirclient` on Node. */
import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import type { Bundle, CarePlan } from '@medplum/fhirtypes'
import FHIR from 'fhirclient'
import { importJWK, signCompactJws } from 'fhirclient/lib/security/server.js'
import type { fhirclient } from 'fhirclient/lib/types.js'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sampleCarePlan } from '#test/fhir-samples.ts'
import { startGateway, type TestGateway } from '#test/gateway.ts'
import { assertionClaims, tokenForm, vendor } from './assertion-claims.ts'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startGateway({ role: 'gateway' })
  await gateway.addClient(vendor)
})
afterAll(() => gateway.close())

/** Signs with the client's own signer, and asks where the SMART configuration says. */
async function signIn(id: string) {
  const { clientId, key, scope } = gateway.clientFile(id)
  const serverUrl = `${gateway.baseUrl}/fhir`
  const wellKnown = await fetch(`${serverUrl}/.well-known/smart-configuration`)
  const { token_endpoint: tokenUrl } = (await wellKnown.json()) as { token_endpoint: string }
  const privateKey = await importJWK({ ...key, key_ops: ['sign'] } as fhirclient.JWK)
  const assertion = await signCompactJws(
    'ES384',
    privateKey,
    { typ: 'JWT', kid: key.kid },
    assertionClaims(clientId, tokenUrl),
  )
  const answer = await fetch(tokenUrl, {
    method: 'POST',
    body: new URLSearchParams(tokenForm(assertion, scope)),
  })
  const tokenResponse = (await answer.json()) as fhirclient.TokenResponse
  const request = new IncomingMessage(new Socket())
  return FHIR(request, new ServerResponse(request)).client({ serverUrl, tokenResponse })
}

const { id: _id, ...plan } = sampleCarePlan()
const created = { ...plan, title: 'Sent by fhirclient' }

test('authenticates, creates, reads, searches, updates, patches, deletes; and is refused', async () => {
  const hospital = await signIn(vendor.id)
  const answer = await hospital.request<{ response: Response }>({
    url: 'CarePlan',
    method: 'POST',
    headers: { 'content-type': 'application/fhir+json' },
    body: JSON.stringify(created),
    includeResponse: true,
  })
  expect(answer.response.status).toBe(201)
  const [, id = ''] =
    /\/CarePlan\/([0-9a-f-]{36})\//.exec(answer.response.headers.get('location') ?? '') ?? []

  const read = await hospital.request<CarePlan>(`CarePlan/${id}`)
  expect(read).toMatchObject({ resourceType: 'CarePlan', id, title: 'Sent by fhirclient', status: 'active' })

  const patient = read.subject.reference ?? ''
  const found = await hospital.request<Bundle<CarePlan>>(`CarePlan?patient=${patient}&_id=${id}`)
  expect(found.entry?.map(({ resource }) => resource?.id)).toEqual([id])

  await hospital.update({ ...created, id, status: 'on-hold' } as unknown as fhirclient.FHIR.Resource)
  expect((await hospital.request<CarePlan>(`CarePlan/${id}`)).status).toBe('on-hold')

  await hospital.patch(`CarePlan/${id}`, [{ op: 'replace', path: '/status', value: 'revoked' }])
  expect((await hospital.request<CarePlan>(`CarePlan/${id}`)).status).toBe('revoked')

  const gp = await signIn('gp-system')
  await expect(gp.request(`CarePlan/${id}`)).rejects.toMatchObject({ statusCode: 404 })
  await expect(
    hospital.create({ ...created, status: 'onging' } as unknown as fhirclient.FHIR.Resource),
  ).rejects.toMatchObject({ statusCode: 422 })

  await hospital.delete(`CarePlan/${id}`)
  await expect(hospital.request(`CarePlan/${id}`)).rejects.toMatchObject({ statusCode: 410 })
})
