import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { commit } from '#store/commit.ts'
import {
  backlog,
  claimDeliveries,
  type ClaimedDelivery,
  numberDeliveries,
  settleDeliveries,
  subscriptionsWithWork,
} from '#store/deliveries.ts'
import { moveSubscription } from '#store/subscriptions.ts'
import { acceptedPlan, activeSubscription, openStore, type TestStore } from '#test/stored.ts'

let store: TestStore
let subscription: string
beforeAll(async () => {
  store = await openStore()
})
afterAll(() => store.close())
beforeEach(async () => {
  if (subscription) await moveSubscription(store.database, subscription, ['active'], 'off')
  subscription = await activeSubscription(store)
})

const claim = (): Promise<ClaimedDelivery[]> =>
  store.database.transaction((tx) => claimDeliveries(tx, subscription, { limit: 10, deadlineMs: 15_000 }))

async function claimedOne(): Promise<ClaimedDelivery> {
  await commit(store.database, [acceptedPlan()], [])
  const [claimed] = await claim()
  if (!claimed) throw new Error('nothing was claimed')
  return claimed
}

async function endLease({ subjectId, deliveryId }: ClaimedDelivery): Promise<void> {
  await store.database.query({
    text: "update delivery set lease_until = now() - interval '1 second' where subject_id = $1 and delivery_id = $2",
    values: [subjectId, deliveryId],
  })
}

describe('settling', () => {
  test('a retry is due later, under its old number of attempts', async () => {
    const claimed = await claimedOne()
    await settleDeliveries(store.database, [
      { ...claimed, state: 'open', reason: 'http-503', lastStatus: 503, retryInMs: 60_000 },
    ])
    expect(await claim()).toEqual([])
    expect(await subscriptionsWithWork(store.database)).not.toContain(subscription)
    await store.database.query({
      text: 'update delivery set due_at = now() where subscription_id = $1',
      values: [subscription],
    })
    expect(await subscriptionsWithWork(store.database)).toContain(subscription)
    expect(await claim()).toMatchObject([{ deliveryId: claimed.deliveryId, attempt: 2, fence: 2 }])
  })

  test('a worker whose lease was taken over cannot write: its fence is old', async () => {
    const slept = await claimedOne()
    await endLease(slept)
    const [taken] = await claim()
    expect(taken).toMatchObject({ deliveryId: slept.deliveryId, fence: 2 })
    expect(await settleDeliveries(store.database, [{ ...slept, state: 'delivered' }])).toBe(0)
    expect(
      await settleDeliveries(store.database, [{ ...slept, fence: 2, state: 'delivered', lastStatus: 200 }]),
    ).toBe(1)
    expect(await settleDeliveries(store.database, [{ ...slept, fence: 2, state: 'dead' }])).toBe(0)
  })

  test('what is leased is not work for the sweep, and what nobody finished is again', async () => {
    const claimed = await claimedOne()
    expect(await subscriptionsWithWork(store.database)).not.toContain(subscription)
    await endLease(claimed)
    expect(await subscriptionsWithWork(store.database)).toContain(subscription)
  })

  test('the backlog counts what is open and its age', async () => {
    await claimedOne()
    const { open, oldestSeconds } = await backlog(store.database)
    expect(open).toBeGreaterThan(0)
    expect(oldestSeconds).toBeGreaterThanOrEqual(0)
  })
})

test('event numbers are dense under ten transactions at once, some of them rolled back', async () => {
  const plans = Array.from({ length: 30 }, () => acceptedPlan())
  await commit(store.database, plans, [])
  const claimed = await store.database.transaction((tx) =>
    claimDeliveries(tx, subscription, { limit: 30, deadlineMs: 15_000 }),
  )
  const groups = Array.from({ length: 10 }, (_, i) => claimed.slice(i * 3, i * 3 + 3))
  const taken = await Promise.allSettled(
    groups.map((group, i) =>
      store.database.transaction(async (tx) => {
        const numbers = await numberDeliveries(tx, subscription, group)
        if (i % 4 === 0) throw new Error('rolled back')
        return group.map(({ deliveryId }) => numbers.get(deliveryId))
      }),
    ),
  )
  const kept = taken.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
  for (const numbers of kept)
    expect(numbers).toEqual([numbers[0], (numbers[0] ?? 0) + 1, (numbers[0] ?? 0) + 2])
  expect(kept.flat().sort((a, b) => (a ?? 0) - (b ?? 0))).toEqual(Array.from({ length: 21 }, (_, i) => i + 1))
})

test('a citizen with more waiting than is looked at first holds up nobody else', async () => {
  const subjectId = randomUUID()
  const deep = Array.from({ length: 600 }, () => acceptedPlan({ subjectId }))
  await commit(store.database, deep, [])
  const other = acceptedPlan()
  await commit(store.database, [other], [])
  const [head] = await claim()
  if (!head) throw new Error('nothing was claimed')
  expect(head.versionId).toBe(deep[0]?.versionId)
  await settleDeliveries(store.database, [
    { ...head, state: 'open', reason: 'http-503', retryInMs: 3_600_000 },
  ])
  expect((await claim()).map(({ versionId }) => versionId)).toEqual([other.versionId])
})

test('two workers at once never claim the same row', async () => {
  const plans = Array.from({ length: 30 }, () => acceptedPlan({ subjectId: randomUUID() }))
  await commit(store.database, plans, [])
  const claims = await Promise.all([claim(), claim(), claim()])
  const ids = claims.flat().map(({ deliveryId }) => deliveryId)
  expect(new Set(ids).size).toBe(ids.length)
  expect(ids.length).toBe(30)
})
