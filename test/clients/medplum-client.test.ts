/** MedplumClient against another server than its own. */
import { MedplumClient, OperationOutcomeError } from '@medplum/core'
import type { CarePlan } from '@medplum/fhirtypes'
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

/** Its own logins end in a question to Medplum's server, so the form is sent by its `post`. */
async function signIn(id: string): Promise<MedplumClient> {
  const { clientId, key, scope } = gateway.clientFile(id)
  const client = new MedplumClient({
    baseUrl: gateway.baseUrl,
    fhirUrlPath: 'fhir',
    fetch,
    cacheTime: 0,
    // It takes what is answered to a write for the resource.
    defaultHeaders: { Prefer: 'return=representation' },
  })
  const tokenUrl = `${gateway.baseUrl}/oauth/token`
  const assertion = await new SignJWT(assertionClaims(clientId, tokenUrl))
    .setProtectedHeader({ alg: 'ES384', typ: 'JWT', ...(key.kid ? { kid: key.kid } : {}) })
    .sign(await importJWK(key, 'ES384'))
  const form = new URLSearchParams(tokenForm(assertion, scope)).toString()
  const answer: { access_token: string } = await client.post(
    tokenUrl,
    form,
    'application/x-www-form-urlencoded',
  )
  client.setAccessToken(answer.access_token)
  return client
}

async function refusal(asked: Promise<unknown>): Promise<string | undefined> {
  const error: unknown = await asked.then(
    () => undefined,
    (cause: unknown) => cause,
  )
  if (!(error instanceof OperationOutcomeError))
    throw new Error('it was not refused with an OperationOutcome')
  return error.outcome.issue[0]?.details?.coding?.[0]?.code
}

const { id: _id, ...plan } = sampleCarePlan()

test('authenticates, creates, reads, lists versions, searches, patches, deletes; and is refused', async () => {
  const hospital = await signIn(vendor.id)
  const stored = await hospital.createResource<CarePlan>(plan)
  const id = stored.id ?? ''
  expect(stored).toMatchObject({ resourceType: 'CarePlan', status: 'active' })
  expect(await hospital.readResource('CarePlan', id)).toMatchObject({ id, status: 'active' })

  await hospital.patchResource('CarePlan', id, [{ op: 'replace', path: '/status', value: 'on-hold' }])
  const versions = await hospital.readHistory('CarePlan', id)
  expect(versions.entry?.map(({ resource }) => (resource as CarePlan).status)).toEqual(['on-hold', 'active'])
  const found = await hospital.searchResources('CarePlan', `_id=${id}`)
  expect(found.map(({ status }) => status)).toEqual(['on-hold'])

  const gp = await signIn('gp-system')
  expect(await refusal(gp.readResource('CarePlan', id))).toBe('not-found')
  expect(await refusal(hospital.createResource({ ...plan, status: 'onging' as 'active' }))).toBe(
    'code-unknown',
  )
  await hospital.deleteResource('CarePlan', id)
  expect(await refusal(hospital.readResource('CarePlan', id))).toBe('resource-deleted')
})
