/**
 * Two gateways on two databases. What the GP may see is the same in both; what it may not see is there in the one and not, or
 * another, in the other. Ids are random, so each thing has a name here and an id of its own in each world.
 */
import { randomUUID } from 'node:crypto'
import type { CarePlan, Resource } from '@medplum/fhirtypes'
import { expect } from 'vitest'
import type { ApiAnswer, BackendClient } from '#sandbox/backend-client.ts'
import { sandboxOrganizations } from '#sandbox/identities.ts'
import { sampleCarePlan, sampleConsent } from '#test/fhir-samples.ts'
import { startGateway, type TestGateway } from '#test/gateway.ts'
import { heldSample } from '#test/held-samples.ts'

const ACT_CODE = 'http://terminology.hl7.org/CodeSystem/v3-ActCode'
export const CPR = 'urn:oid:1.2.208.176.1.2'
/** Of whom the GP holds something, and has something by consent. */
export const KNOWN = '2509479989'
/** Of whom others hold much in the full world, and nobody anything in the other. */
export const STRANGER = '1502779995'
/** As the one before, and the GP may come to hold something of them: their reference is therefore no named thing. */
export const NEWCOMER = '3001749995'

/** Things with a name: records, their versions, citizens, rows of the log. */
export const named = [
  'own-plan',
  'own-condition',
  'shared-plan',
  'hidden-plan',
  'hidden-encounter',
  'hidden-consent',
  'hidden-goal',
  'deleted-plan',
  'stranger-plan',
  'stranger-encounter',
  'known',
  'stranger',
  'hidden-event',
  'hidden-version',
  'shared-first-version',
] as const
export type Name = (typeof named)[number]

export interface World {
  readonly gateway: TestGateway
  readonly ids: ReadonlyMap<Name, string>
  /** What the GP asks with. */
  readonly token: () => Promise<string>
  /** The hospital, which goes on working while the GP asks. In the empty world it does not. */
  readonly work: (step: number) => Promise<void>
  readonly close: () => Promise<void>
}

export async function startWorld(isFull: boolean): Promise<World> {
  const gateway = await startGateway({ role: 'gateway' })
  const everything = (id: string, organizationId: string) =>
    gateway.addClient({
      id,
      organizationId,
      profile: 'smart',
      scopes: ['system/*.cruds'],
      purposeOfUse: ['TREAT'],
    })
  const gp = await everything('two-worlds-gp', sandboxOrganizations.gp.id)
  const hospital = await everything('two-worlds-hospital', sandboxOrganizations.hospital.id)
  const ids = new Map<Name, string>(named.map((name) => [name, randomUUID()]))
  await visible(gp, hospital, ids, isFull)
  if (isFull) await hidden(gateway, hospital, ids)
  return {
    gateway,
    ids,
    token: () => gp.token(),
    work: async (step) => {
      if (isFull) await goOn(hospital, ids, step)
    },
    close: () => gateway.close(),
  }
}

/** In both worlds; but for the part of the shared plan that the consent leaves out, which is another in each. */
async function visible(gp: BackendClient, hospital: BackendClient, ids: Map<Name, string>, isFull: boolean) {
  ids.set('own-plan', await create(gp, heldSample('CarePlan', KNOWN)))
  ids.set('own-condition', await create(gp, heldSample('Condition', KNOWN)))
  await create(hospital, sampleConsent(sandboxOrganizations.gp.identifiers[2], ['PSY']))
  const shared = sharedPlan(isFull ? ['Substitutionsbehandling', 'Urinprøve'] : ['Afrusning'])
  ids.set('shared-plan', await create(hospital, shared))
  const path = `/fhir/CarePlan/${ids.get('shared-plan')}`
  const first = (await hospital.send('GET', path)).json() as CarePlan
  ids.set('shared-first-version', first.meta?.versionId ?? '')
  await put(hospital, { ...shared, id: ids.get('shared-plan') ?? '', title: 'Second version' })
  ids.set('known', first.subject.reference?.slice('Patient/'.length) ?? '')
}

/** One activity that the GP may see, and those that it may not. */
function sharedPlan(withheld: readonly string[]): CarePlan {
  const { id: _id, activity: _activity, ...plan } = sampleCarePlan()
  const activity = (code: string, description: string) => ({
    detail: {
      status: 'in-progress' as const,
      description,
      code: { coding: [{ system: 'urn:oid:1.2.208.176.2.4.12', code }] },
    },
  })
  return {
    ...plan,
    activity: [activity('DF331', 'Samtale'), ...withheld.map((text) => activity('DF102', text))],
  }
}

/** About addiction as a whole: the consent leaves nothing of it. */
function addictionPlan(title: string): CarePlan {
  const plan = sharedPlan(['Kun rusmiddel'])
  return { ...plan, title, meta: { security: [{ system: ACT_CODE, code: 'SUD' }] } }
}

async function hidden(gateway: TestGateway, hospital: BackendClient, ids: Map<Name, string>): Promise<void> {
  const plan = addictionPlan('Hidden')
  ids.set('hidden-plan', await create(hospital, plan))
  await put(hospital, { ...plan, id: ids.get('hidden-plan') ?? '', title: 'Hidden, again' })
  const current = (await hospital.send('GET', `/fhir/CarePlan/${ids.get('hidden-plan')}`)).json() as CarePlan
  ids.set('hidden-version', current.meta?.versionId ?? '')
  ids.set('hidden-goal', await create(hospital, heldSample('Goal', KNOWN)))
  ids.set('hidden-encounter', await create(hospital, heldSample('Condition', KNOWN)))
  ids.set('hidden-consent', await create(hospital, consentFor(NEWCOMER)))
  ids.set('deleted-plan', await create(hospital, plan))
  await remove(hospital, ids.get('deleted-plan') ?? '')
  ids.set('stranger-plan', await create(hospital, heldSample('CarePlan', STRANGER)))
  ids.set('stranger-encounter', await create(hospital, heldSample('Encounter', STRANGER)))
  await create(hospital, consentFor(STRANGER))
  await create(hospital, heldSample('CarePlan', NEWCOMER))
  const stranger = (
    await hospital.send('GET', `/fhir/CarePlan/${ids.get('stranger-plan')}`)
  ).json() as CarePlan
  ids.set('stranger', stranger.subject.reference?.slice('Patient/'.length) ?? '')
  const [event] = await gateway.database.query<{ audit_id: string }>({
    text: 'select audit_id from audit_event where subject_id = $1 limit 1',
    values: [ids.get('stranger')],
  })
  ids.set('hidden-event', event?.audit_id ?? '')
}

/** To the municipality alone. */
function consentFor(cpr: string): Resource {
  const consent = sampleConsent(sandboxOrganizations.municipality.identifiers[0], ['PSY'])
  return { ...consent, patient: { identifier: { system: CPR, value: cpr } } }
}

/**
 * A change that the GP may not notice: of a record, of another citizen's, of a consent to another, of what was deleted. The same
 * ones again and again, so that the last sequence finds as many as the first.
 */
async function goOn(hospital: BackendClient, ids: ReadonlyMap<Name, string>, step: number): Promise<void> {
  const idOf = (name: Name): string => ids.get(name) ?? ''
  switch (step % 4) {
    case 0:
      await put(hospital, { ...addictionPlan(`Hidden, ${step}`), id: idOf('hidden-plan') })
      break
    case 1:
      await put(hospital, { ...heldSample('Encounter', STRANGER), id: idOf('stranger-encounter') })
      break
    case 2:
      await put(hospital, { ...consentFor(NEWCOMER), id: idOf('hidden-consent') })
      break
    default:
      await put(hospital, { ...addictionPlan('Back for a moment'), id: idOf('deleted-plan') }, 201)
      await remove(hospital, idOf('deleted-plan'))
  }
}

async function create(client: BackendClient, resource: Resource): Promise<string> {
  const answer = await sent(client, 'POST', `/fhir/${resource.resourceType}`, resource)
  expect({ status: answer.status, text: answer.status === 201 ? '' : answer.text }).toEqual({
    status: 201,
    text: '',
  })
  return /\/([0-9a-f-]{36})\/_history/.exec(answer.headers.get('location') ?? '')?.[1] ?? ''
}

async function put(client: BackendClient, resource: Resource, status = 200): Promise<void> {
  const answer = await sent(client, 'PUT', `/fhir/${resource.resourceType}/${resource.id}`, resource)
  expect({ status: answer.status, text: answer.status === status ? '' : answer.text }).toEqual({
    status,
    text: '',
  })
}

async function remove(client: BackendClient, id: string): Promise<void> {
  expect((await client.send('DELETE', `/fhir/CarePlan/${id}`)).status).toBe(204)
}

function sent(client: BackendClient, method: string, path: string, resource: Resource): Promise<ApiAnswer> {
  return client.send(method, path, { type: 'application/fhir+json', content: JSON.stringify(resource) })
}
