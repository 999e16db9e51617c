/** A consent to what belongs to a record of the reader's: the reader rewrites that record, and must not choose what it is shown. */
import { randomUUID } from 'node:crypto'
import type { CarePlan, Consent, Encounter } from '@medplum/fhirtypes'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { BackendClient } from '#sandbox/backend-client.ts'
import { sandboxOrganizations } from '#sandbox/identities.ts'
import { idOf, sampleCarePlan, sampleConsent, sendFhir } from '#test/fhir-samples.ts'
import { startGateway, type TestGateway } from '#test/gateway.ts'
import { encounter } from '#test/ways-in.ts'

const NUMBER = { system: 'urn:example:plan', value: '17' }
const READER = sandboxOrganizations.municipality.identifiers[0]

let gateway: TestGateway
let hospital: BackendClient
let municipality: BackendClient
beforeAll(async () => {
  gateway = await startGateway({ role: 'gateway' })
  hospital = gateway.client('hospital-ehr')
  municipality = gateway.client('municipality-system')
})
afterAll(() => gateway.close())

async function put(client: BackendClient, resource: CarePlan | Encounter): Promise<string> {
  const id = resource.id ?? randomUUID()
  const answer = await sendFhir(client, 'PUT', `/fhir/${resource.resourceType}/${id}`, { ...resource, id })
  expect([200, 201], answer.text).toContain(answer.status)
  return id
}

/** Recorded by the hospital, for the municipality. */
async function consentTo(
  reference: string,
  meaning: 'related' | 'dependents',
  type: 'permit' | 'deny' = 'permit',
): Promise<void> {
  const { provision, ...consent } = sampleConsent(READER, ['PSY', 'SUD'])
  const narrowed: Consent = {
    ...consent,
    provision: { ...provision, type, data: [{ meaning, reference: { reference } }] },
  }
  idOf(await sendFhir(hospital, 'POST', '/fhir/Consent', narrowed))
}

async function statusOf(id: string, reader = municipality): Promise<number> {
  return (await reader.send('GET', `/fhir/CarePlan/${id}`)).status
}

describe('what the reader’s own record says belongs to it', () => {
  test('opens nothing by a reference that the reader adds', async () => {
    const hidden = await put(hospital, sampleWithout())
    const own = await put(municipality, sampleWithout())
    await consentTo(`CarePlan/${own}`, 'related')
    expect(await statusOf(hidden)).toBe(404)
    await put(municipality, { ...sampleWithout(), id: own, replaces: [{ reference: `CarePlan/${hidden}` }] })
    expect(await statusOf(hidden)).toBe(404)
  })

  test('opens nothing by a number that the reader gives its record', async () => {
    const hidden = await put(hospital, { ...sampleWithout(), basedOn: [{ identifier: NUMBER }] })
    const own = await put(municipality, sampleWithout())
    await consentTo(`CarePlan/${own}`, 'dependents')
    await put(municipality, { ...sampleWithout(), id: own, identifier: [NUMBER] })
    expect(await statusOf(hidden)).toBe(404)
  })

  test('opens nothing by an encounter that the reader adds to an episode', async () => {
    const hidden = await put(hospital, sampleWithout())
    const episode = `EpisodeOfCare/${randomUUID()}`
    await consentTo(episode, 'related')
    const visit: Encounter = {
      ...encounter,
      subject: sampleCarePlan().subject,
      episodeOfCare: [{ reference: episode }],
      extension: [{ url: 'urn:example:of', valueReference: { reference: `CarePlan/${hidden}` } }],
    }
    await put(municipality, visit)
    expect(await statusOf(hidden)).toBe(404)
  })
})

test('what the custodian’s own record points to is opened, as the consent says', async () => {
  const pointed = await put(hospital, sampleWithout())
  const named = await put(hospital, { ...sampleWithout(), replaces: [{ reference: `CarePlan/${pointed}` }] })
  await consentTo(`CarePlan/${named}`, 'related')
  expect(await statusOf(pointed)).toBe(200)
})

function sampleWithout(): CarePlan {
  const { id: _id, ...sample } = sampleCarePlan()
  return sample
}
