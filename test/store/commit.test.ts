import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { auditRow } from '#audit/audit-row.ts'
import { versionsAt } from '#store/citizen-at.ts'
import { commit, HeldElsewhere, MessageSeen } from '#store/commit.ts'
import { claimDeliveries } from '#store/deliveries.ts'
import { findMessage } from '#store/messages.ts'
import { removeResource } from '#store/remove-resource.ts'
import { findResource, findVersions } from '#store/resources.ts'
import { searchResources } from '#store/search-resources.ts'
import { moveSubscription } from '#store/subscriptions.ts'
import { historyOf } from '#store/versions.ts'
import { acceptedPlan, activeSubscription, openStore, type TestStore } from '#test/stored.ts'

let store: TestStore
beforeAll(async () => {
  store = await openStore()
})
afterAll(() => store.close())

const audit = (id = randomUUID()) =>
  auditRow({ v: 1, id, kind: 'accept', at: '2026-11-21T10:00:00.000Z', outcome: 'success', requestId: 'r' })

async function count(table: string): Promise<number> {
  const [row] = await store.database.query<{ n: number }>({ text: `select count(*) as n from ${table}` })
  return row?.n ?? -1
}

describe('the accept statement', () => {
  test('stores resource, version, event, audit and receipt together', async () => {
    const subscription = await activeSubscription(store)
    const plan = acceptedPlan()
    const bodySha256 = Buffer.alloc(32, 7)
    const committed = await commit(store.database, [plan], [audit()], {
      clientId: 'c',
      messageId: 'm-together',
      bodySha256,
      receipt: { ok: true },
    })
    expect(committed.created).toEqual([true])
    expect(committed.subscriptions).toEqual([subscription])
    expect(await findResource(store.database, 'CarePlan', plan.id)).toMatchObject({
      subjectId: plan.subjectId,
      versionId: plan.versionId,
      content: plan.content,
      labels: plan.labels,
    })
    expect(await findMessage(store.database, 'c', 'm-together')).toEqual({
      bodySha256,
      receipt: { ok: true },
    })
    await moveSubscription(store.database, subscription, ['active'], 'off')
  })

  test('an audit row that cannot be written leaves nothing of the rest', async () => {
    const plan = acceptedPlan()
    const taken = randomUUID()
    await commit(store.database, [acceptedPlan()], [audit(taken)])
    await expect(commit(store.database, [plan], [audit(taken)])).rejects.toThrow('audit_event_pkey')
    expect(await findResource(store.database, 'CarePlan', plan.id)).toBeUndefined()
  })

  test('a message id that was accepted before stores nothing again', async () => {
    const receipt = { clientId: 'c', messageId: 'm-twice', bodySha256: Buffer.alloc(32), receipt: {} }
    await commit(store.database, [acceptedPlan()], [audit()], receipt)
    const before = await count('resource_version')
    await expect(commit(store.database, [acceptedPlan()], [audit()], receipt)).rejects.toThrow(MessageSeen)
    expect(await count('resource_version')).toBe(before)
  })

  test('the same id again is a new version of the same resource, and both are kept', async () => {
    const plan = acceptedPlan()
    await commit(store.database, [plan], [audit()])
    const second = { ...plan, versionId: randomUUID(), tokens: ['status=completed'] }
    expect((await commit(store.database, [second], [audit()])).created).toEqual([false])
    const current = await searchResources(store.database, {
      resourceTypes: ['CarePlan'],
      subjectId: plan.subjectId,
      clauses: [['status=completed']],
      lastUpdated: [],
      date: [],
      order: 'newest',
      limit: 10,
    })
    expect(current.map(({ stored: { versionId } }) => versionId)).toEqual([second.versionId])
    const versions = await store.database.query<{ version_id: string; interaction: string }>({
      text: 'select version_id, interaction from resource_version where id = $1 order by recorded',
      values: [plan.id],
    })
    expect(versions).toEqual([
      { version_id: plan.versionId, interaction: 'create' },
      { version_id: second.versionId, interaction: 'update' },
    ])
  })

  test('whoever began earlier and waited for whoever began later has the later version', async () => {
    const plan = acceptedPlan()
    const [early, late] = [
      { ...plan, versionId: randomUUID() },
      { ...plan, versionId: randomUUID() },
    ]
    const deletion = randomUUID()
    await commit(store.database, [plan], [audit()])
    await store.database.transaction(async (tx) => {
      // The clock of a transaction stands still from its first statement on.
      await tx.query({ text: 'select now()' })
      await commit(store.database, [early], [audit()])
      const { recorded } = await commit(tx, [late], [audit()])
      expect(recorded).toEqual((await findResource(tx, 'CarePlan', plan.id))?.lastUpdated)
      await removeResource(tx, { ...plan, versionId: deletion }, audit())
    })
    const { subjectId, id } = plan
    const history = await historyOf(store.database, { subjectId, id, isOwn: true, limit: 10 })
    const oldestFirst = [plan.versionId, early.versionId, late.versionId, deletion]
    expect(history.map(({ place }) => place.id)).toEqual(oldestFirst.toReversed())
    expect(await versionsAt(store.database, subjectId, undefined)).toEqual([])
  })

  test('a version of before a deletion is not found for sending, also when the resource is there again', async () => {
    const plan = acceptedPlan()
    await commit(store.database, [plan], [audit()])
    await store.database.transaction((tx) =>
      removeResource(tx, { ...plan, versionId: randomUUID() }, audit()),
    )
    const again = { ...plan, versionId: randomUUID() }
    expect((await commit(store.database, [again], [audit()])).created).toEqual([true])
    const found = await findVersions(store.database, [plan, again])
    expect(found.map(({ versionId }) => versionId)).toEqual([again.versionId])
  })

  test('another organisation cannot write over it, and the whole commit fails', async () => {
    const plan = acceptedPlan()
    await commit(store.database, [plan], [audit()])
    const other = acceptedPlan()
    const stolen = { ...plan, custodian: randomUUID(), versionId: randomUUID() }
    const before = await count('audit_event')
    await expect(commit(store.database, [other, stolen], [audit()])).rejects.toThrow(HeldElsewhere)
    expect(await findResource(store.database, 'CarePlan', other.id)).toBeUndefined()
    expect(await findResource(store.database, 'CarePlan', plan.id)).toMatchObject({
      versionId: plan.versionId,
    })
    expect(await count('audit_event')).toBe(before)
  })
})

test('two commits of one new id for two citizens at once: one is stored, the other is held elsewhere', async () => {
  const id = randomUUID()
  const results = await Promise.allSettled(
    [1, 2, 3, 4].map(() => commit(store.database, [acceptedPlan({ id })], [audit()])),
  )
  const refused = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []))
  expect(refused).toHaveLength(3)
  for (const reason of refused) expect(reason).toBeInstanceOf(HeldElsewhere)
})

describe('which subscriptions get an event', () => {
  const subject = randomUUID()
  const cases = [
    { title: 'no filter matches all', filter: [], tokens: ['status=active'], want: true },
    {
      title: 'one token of a clause is enough',
      filter: [['status=active', 'status=draft']],
      tokens: ['status=draft'],
      want: true,
    },
    {
      title: 'every clause must match',
      filter: [['status=active'], ['category=x']],
      tokens: ['status=active'],
      want: false,
    },
    {
      title: 'a clause without a match is none',
      filter: [['status=completed']],
      tokens: ['status=active'],
      want: false,
    },
    {
      title: 'a patient filter',
      filter: [[`subject=${subject}`]],
      tokens: [`subject=${subject}`],
      want: true,
    },
    {
      title: 'another patient',
      filter: [[`subject=${randomUUID()}`]],
      tokens: [`subject=${subject}`],
      want: false,
    },
    { title: 'another type', filter: [], tokens: [], resourceTypes: ['Encounter'], want: false },
  ]
  test.each(cases)('$title', async ({ filter, tokens, resourceTypes, want }) => {
    const id = await activeSubscription(store, { filter, ...(resourceTypes ? { resourceTypes } : {}) })
    const { subscriptions } = await commit(store.database, [acceptedPlan({ tokens })], [audit()])
    expect(subscriptions.includes(id)).toBe(want)
    await moveSubscription(store.database, id, ['active'], 'off')
  })

  test.each([
    ['off', false],
    ['error', true],
  ] as const)('a subscription that was active and is now %s: events kept is %s', async (status, kept) => {
    const id = await activeSubscription(store)
    await moveSubscription(store.database, id, ['active'], status)
    const { subscriptions } = await commit(store.database, [acceptedPlan()], [audit()])
    expect(subscriptions.includes(id)).toBe(kept)
    await moveSubscription(store.database, id, ['error'], 'off')
  })
})

describe('the audit log', () => {
  test.each([
    ['update', "update audit_event set kind = 'x'"],
    ['delete', 'delete from audit_event'],
    ['truncate', 'truncate audit_event'],
  ])('refuses %s', async (_name, text) => {
    await commit(store.database, [acceptedPlan()], [audit()])
    await expect(store.database.query({ text })).rejects.toThrow('audit_event is append-only')
  })
})

describe('claims', () => {
  test('take the oldest of each lane, once, and leave the rest of the lane for later', async () => {
    const id = await activeSubscription(store)
    const subjectId = randomUUID()
    const first = acceptedPlan({ subjectId })
    const second = acceptedPlan({ subjectId })
    const other = acceptedPlan()
    for (const plan of [first, second, other]) await commit(store.database, [plan], [audit()])
    const claimed = await store.database.transaction((tx) =>
      claimDeliveries(tx, id, { limit: 10, deadlineMs: 15_000 }),
    )
    expect(claimed.map(({ versionId, attempt, fence }) => ({ versionId, attempt, fence }))).toEqual([
      { versionId: first.versionId, attempt: 1, fence: 1 },
      { versionId: other.versionId, attempt: 1, fence: 1 },
    ])
    expect(
      await store.database.transaction((tx) => claimDeliveries(tx, id, { limit: 10, deadlineMs: 15_000 })),
    ).toEqual([])
    await moveSubscription(store.database, id, ['active'], 'off')
  })
})
