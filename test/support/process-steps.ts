/** What the people of a journey do, over HTTP as their systems would. */
import { randomUUID } from 'node:crypto'
import type { Bundle, CarePlan, Consent } from '@medplum/fhirtypes'
import { personSystem } from '#fhir/person-identifier.ts'
import type { BackendClient } from '#sandbox/backend-client.ts'
import { sandboxOrganizations } from '#sandbox/identities.ts'
import { idOf, sampleCarePlan, sampleConsent, sendFhir, subscriptionFor } from '#test/fhir-samples.ts'
import { waitFor } from '#test/process-wait.ts'
import type { Installation } from '#test/process-installation.ts'

/** Test identities of MedCom and of the CPR office: none of them is anybody. */
export const citizens = {
  elmer: '2509479989',
  berggren: '1502779995',
  third: '1502829995',
  fourth: '3001749995',
  fifth: '0505059996',
  sixth: '0201919990',
} as const
export type Cpr = (typeof citizens)[keyof typeof citizens]

export function planOf(cpr: Cpr, id: string, title: string): CarePlan {
  return {
    ...sampleCarePlan(),
    id,
    title,
    subject: { identifier: { system: personSystem.cpr, value: cpr } },
  }
}

/** Writes a plan; answers with its id and version. */
export async function writePlan(
  client: BackendClient,
  cpr: Cpr,
  title: string,
  id: string = randomUUID(),
): Promise<{ readonly id: string; readonly version: string }> {
  const answer = await sendFhir(client, 'PUT', `/fhir/CarePlan/${id}`, planOf(cpr, id, title))
  const version = /^W\/"(.+)"$/.exec(answer.headers.get('etag') ?? '')?.[1]
  if (![200, 201].includes(answer.status) || !version)
    throw new Error(`HTTP ${answer.status}: ${answer.text}`)
  return { id, version }
}

export function consentOf(
  cpr: Cpr,
  recipient: 'municipality' | 'gp',
  change: Partial<Consent> = {},
): Consent {
  const [identifier] = sandboxOrganizations[recipient].identifiers
  return sampleConsent(identifier, recipient === 'gp' ? ['PSY'] : ['PSY', 'SUD'], {
    patient: { identifier: { system: personSystem.cpr, value: cpr } },
    ...change,
  })
}

export async function giveConsent(
  client: BackendClient,
  cpr: Cpr,
  recipient: 'municipality' | 'gp',
): Promise<{ readonly id: string; withdraw(): Promise<void> }> {
  const id = idOf(await sendFhir(client, 'POST', '/fhir/Consent', consentOf(cpr, recipient)))
  return {
    id,
    withdraw: async () => {
      const withdrawn = { ...consentOf(cpr, recipient), id, status: 'inactive' }
      const answer = await sendFhir(client, 'PUT', `/fhir/Consent/${id}`, withdrawn)
      if (answer.status !== 200) throw new Error(`HTTP ${answer.status}: ${answer.text}`)
    },
  }
}

/** Subscribes to care plans and waits until the handshake has made the subscription active: a worker must run. */
export async function subscribe(client: BackendClient, endpoint: string): Promise<string> {
  const id = idOf(await sendFhir(client, 'POST', '/fhir/Subscription', subscriptionFor(endpoint)))
  await waitFor(async () => {
    const answer = await client.send('GET', `/fhir/Subscription?status=active`)
    const bundle = answer.json() as Bundle
    return bundle.entry?.some(({ resource }) => resource?.id === id) ? true : undefined
  }, `subscription ${id} to become active`)
  return id
}

export interface Delivery {
  readonly version_id: string
  readonly subscription_id: string
  readonly state: string
  readonly reason: string | null
  readonly event_number: number | null
  readonly attempts: number
}

/** The outbox rows of a version, once all of them have come to an end. */
export async function settled(
  installation: Installation,
  versionId: string,
  timeoutMs?: number,
): Promise<readonly Delivery[]> {
  return waitFor(
    async () => {
      const rows = await installation.query<Delivery & { event_number: string | null }>(
        `select version_id, subscription_id, state, reason, event_number::int as event_number, attempts
         from delivery where version_id = $1 order by subscription_id`,
        [versionId],
      )
      return rows.length > 0 && rows.every(({ state }) => state !== 'open') ? rows : undefined
    },
    `the deliveries of version ${versionId} to end`,
    timeoutMs,
  )
}
