/** Rows for store tests: a citizen, an organisation, a subscription, a resource. */
import { randomBytes, randomUUID } from 'node:crypto'
import type { CarePlan } from '@medplum/fhirtypes'
import type { AcceptedResource } from '#store/commit.ts'
import { createDatabase, type Database } from '#store/database.ts'
import { createSeal, ringOf, type Seal } from '#store/seal.ts'
import { moveSubscription, putSubscription } from '#store/subscriptions.ts'
import { cloneDatabase } from './database.ts'

export interface TestStore {
  readonly database: Database
  readonly seal: Seal
  close(): Promise<void>
}

export async function openStore(): Promise<TestStore> {
  const cloned = await cloneDatabase()
  const database = createDatabase({ connection: cloned.connection, onPoolError: () => undefined })
  return {
    database,
    seal: createSeal({
      lookup: ringOf(randomBytes(32)),
      seal: ringOf(randomBytes(32)),
      derive: randomBytes(32),
    }),
    close: async () => {
      await database.close()
      await cloned.drop()
    },
  }
}

export function acceptedPlan(change: Partial<AcceptedResource> = {}): AcceptedResource {
  const content: CarePlan = {
    resourceType: 'CarePlan',
    status: 'active',
    intent: 'plan',
    subject: { reference: 'Patient/x' },
  }
  return {
    subjectId: randomUUID(),
    resourceType: 'CarePlan',
    id: randomUUID(),
    versionId: randomUUID(),
    custodian: randomUUID(),
    content,
    labels: { ruleSetVersion: 'test', sensitivities: [], confidentiality: 'N', elements: [] },
    tokens: ['status=active'],
    ...change,
  }
}

export async function activeSubscription(
  { database, seal }: TestStore,
  change: {
    readonly filter?: readonly (readonly string[])[]
    readonly resourceTypes?: readonly string[]
  } = {},
): Promise<string> {
  const id = randomUUID()
  await database.transaction((tx) =>
    putSubscription(tx, seal, {
      id,
      versionId: randomUUID(),
      clientId: 'subscriber',
      organizationId: randomUUID(),
      topic: 'https://sluse.example/fhir/SubscriptionTopic/careplan-changed',
      resourceTypes: change.resourceTypes ?? ['CarePlan'],
      filter: change.filter ?? [],
      payloadContent: 'full-resource',
      endpoint: 'http://127.0.0.1:9/',
      timeoutMs: 15_000,
      headers: ['Authorization: Bearer secret-of-the-subscriber'],
      content: {
        resourceType: 'Subscription',
        status: 'requested',
        reason: 'test',
        criteria: 'https://sluse.example/fhir/SubscriptionTopic/careplan-changed',
        channel: { type: 'rest-hook', endpoint: 'http://127.0.0.1:9/' },
      },
    }),
  )
  await moveSubscription(database, id, ['requested'], 'active')
  return id
}
