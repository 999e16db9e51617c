/** `fhir-kit-client`, a general FHIR client for Node. */
import type { Bundle, CapabilityStatement, CarePlan } from '@medplum/fhirtypes'
import { Client } from 'fhir-kit-client'
import { importJWK, SignJWT } from 'jose'
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

/** The client finds the token endpoint by itself; signing is left to its caller. */
async function signIn(id: string): Promise<Client> {
  const { clientId, key, scope } = gateway.clientFile(id)
  const client = new Client({ baseUrl: `${gateway.baseUrl}/fhir` })
  const { tokenUrl } = await client.smartAuthMetadata()
  const assertion = await new SignJWT(assertionClaims(clientId, String(tokenUrl)))
    .setProtectedHeader({ alg: 'ES384', typ: 'JWT', ...(key.kid ? { kid: key.kid } : {}) })
    .sign(await importJWK(key, 'ES384'))
  const answer = await fetch(String(tokenUrl), {
    method: 'POST',
    body: new URLSearchParams(tokenForm(assertion, scope)),
  })
  client.bearerToken = ((await answer.json()) as { access_token: string }).access_token
  return client
}

const { id: _id, ...plan } = sampleCarePlan()
const representation = { headers: { Prefer: 'return=representation' } }

test('authenticates, creates, reads, lists versions, searches, patches, batches, deletes; and is refused', async () => {
  const hospital = await signIn(vendor.id)
  const statement = (await hospital.capabilityStatement()) as unknown as CapabilityStatement
  expect(statement.fhirVersion).toBe('4.0.1')

  const stored = (await hospital.create({
    resourceType: 'CarePlan',
    body: plan,
    options: representation,
  })) as unknown as CarePlan
  const id = stored.id ?? ''
  const first = stored.meta?.versionId ?? ''
  expect(stored).toMatchObject({ resourceType: 'CarePlan', status: 'active' })

  await hospital.patch({
    resourceType: 'CarePlan',
    id,
    jsonPatch: [{ op: 'replace', path: '/status', value: 'on-hold' }],
  })
  const versions = (await hospital.resourceHistory({
    resourceType: 'CarePlan',
    id,
  })) as unknown as Bundle<CarePlan>
  expect(versions.entry?.map(({ resource }) => resource?.status)).toEqual(['on-hold', 'active'])
  expect(await hospital.vread({ resourceType: 'CarePlan', id, version: first })).toMatchObject({
    status: 'active',
  })

  const found = (await hospital.search({
    resourceType: 'CarePlan',
    searchParams: { patient: stored.subject.reference ?? '', status: 'on-hold' },
  })) as unknown as Bundle<CarePlan>
  expect(found.entry?.map(({ resource }) => resource?.id)).toContain(id)

  const batch = (await hospital.batch({
    body: {
      resourceType: 'Bundle',
      type: 'batch',
      entry: [
        { request: { method: 'GET', url: `CarePlan/${id}` } },
        { request: { method: 'GET', url: `CarePlan/${crypto.randomUUID()}` } },
      ],
    },
  })) as unknown as Bundle
  expect(batch.entry?.map(({ response }) => response?.status?.slice(0, 3))).toEqual(['200', '404'])

  const municipality = await signIn('municipality-system')
  await expect(municipality.read({ resourceType: 'CarePlan', id })).rejects.toMatchObject({
    response: { status: 404 },
  })
  await hospital.delete({ resourceType: 'CarePlan', id })
  await expect(hospital.read({ resourceType: 'CarePlan', id })).rejects.toMatchObject({
    response: { status: 410 },
  })
})
