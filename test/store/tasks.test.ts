import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sandboxOrganizations } from '#sandbox/identities.ts'
import { putOrganization } from '#store/organizations.ts'
import {
  lockWorkItem,
  moveWorkItem,
  type NewWorkItem,
  openWorkItem,
  openWorkItems,
  searchWorkItems,
  workItemCodes,
} from '#store/tasks.ts'
import { openStore, type TestStore } from '#test/stored.ts'

const { hospital, gp } = sandboxOrganizations

let store: TestStore
beforeAll(async () => {
  store = await openStore()
  for (const organization of [hospital, gp]) await putOrganization(store.database, organization)
})
afterAll(() => store.close())

function item(change: Partial<NewWorkItem> = {}): NewWorkItem {
  return {
    code: 'indeterminate',
    ownerOrganizationId: hospital.id,
    subjectId: randomUUID(),
    reason: 'indeterminate',
    dedupeKey: randomUUID(),
    ...change,
  }
}

const open = (each: NewWorkItem): Promise<boolean> =>
  store.database.transaction((tx) => openWorkItem(tx, each))

const found = (subjectId: string, ownerOrganizationId: string = hospital.id) =>
  searchWorkItems(store.database, { ownerOrganizationId, subjectId, limit: 10 })

async function move(id: string, status: 'in-progress' | 'completed'): Promise<void> {
  await store.database.transaction((tx) => moveWorkItem(tx, id, status))
}

describe('a work item', () => {
  test.each(workItemCodes)('%s keeps all that it was opened with', async (code) => {
    const dueAt = new Date('2026-11-24T09:30:00.000Z')
    const focus = `Consent/${randomUUID()}/_history/${randomUUID()}`
    const opened = item({ code, focus, dueAt, reason: 'consent-defective' })
    expect(await open(opened)).toBe(true)
    const { dedupeKey: _key, ...kept } = opened
    expect(await found(opened.subjectId)).toEqual([
      {
        ...kept,
        id: expect.any(String),
        versionId: expect.any(String),
        status: 'requested',
        createdAt: expect.any(Date),
        createdUs: expect.any(Number),
        lastUpdated: expect.any(Date),
      },
    ])
  })

  test('is opened once while it is open, and anew after it was completed', async () => {
    const matter = item()
    expect(await open(matter)).toBe(true)
    expect(await open(matter)).toBe(false)
    const [first] = await found(matter.subjectId)
    await move(first?.id ?? '', 'in-progress')
    expect(await open(matter)).toBe(false)
    await move(first?.id ?? '', 'completed')
    expect(await open(matter)).toBe(true)
    expect((await found(matter.subjectId)).map(({ status }) => status)).toEqual(['requested', 'completed'])
  })

  test('of another owner or another code is another', async () => {
    const matter = item()
    await store.database.transaction(async (tx) => {
      const others = [
        matter,
        { ...matter, ownerOrganizationId: gp.id },
        { ...matter, code: 'inform-patient' as const },
      ]
      expect(await openWorkItems(tx, [...others, ...others])).toBe(3)
    })
    expect(await found(matter.subjectId)).toHaveLength(2)
    expect(await found(matter.subjectId, gp.id)).toHaveLength(1)
  })

  test('waits for no other in a circle: they are written in the order of their keys, whatever order they came in', async () => {
    const keys = ['d', 'b', 'e', 'a', 'c'].map((key) => `order-${key}`)
    await store.database.transaction((tx) =>
      openWorkItems(
        tx,
        keys.map((dedupeKey) => item({ dedupeKey })),
      ),
    )
    const rows = await store.database.query<{ dedupe_key: string }>({
      text: "select dedupe_key from work_item where dedupe_key like 'order-%' order by ctid",
    })
    expect(rows.map(({ dedupe_key }) => dedupe_key)).toEqual(keys.toSorted((a, b) => a.localeCompare(b)))
  })

  test('two transactions that open the same ones in two orders both end', async () => {
    const [one, other] = [item(), item()]
    const counts = await Promise.all(
      Array.from({ length: 8 }, (_, at) =>
        store.database.transaction((tx) => openWorkItems(tx, at % 2 ? [one, other] : [other, one])),
      ),
    )
    expect(counts.reduce((sum, n) => sum + n, 0)).toBe(2)
  })

  test('goes with the transaction that it is about', async () => {
    const matter = item()
    const failing = store.database.transaction(async (tx) => {
      await openWorkItem(tx, matter)
      throw new Error('the effect failed')
    })
    await expect(failing).rejects.toThrow('the effect failed')
    expect(await found(matter.subjectId)).toEqual([])
  })

  test.each([
    ['a focus in words', { focus: 'Consent/psykose' }],
    ['a focus with a national id', { focus: 'Patient/2509479989' }],
    ['a reason in words', { reason: 'Skizofreni siden ungdommen' }],
    ['an owner that is not registered', { ownerOrganizationId: randomUUID() }],
  ])('%s is refused by the database', async (_title, change) => {
    const matter = item(change)
    await expect(open(matter)).rejects.toThrow(/violates (check|foreign key) constraint/)
    expect(await found(matter.subjectId, matter.ownerOrganizationId)).toEqual([])
  })
})

test('pages are newest first and meet without gap or overlap', async () => {
  const subjectId = randomUUID()
  for (let at = 0; at < 5; at++) await open(item({ subjectId }))
  const all = await found(subjectId)
  const times = all.map(({ createdUs }) => createdUs)
  expect(times).toEqual(times.toSorted((a, b) => b - a))
  const query = { ownerOrganizationId: hospital.id, subjectId, limit: 2 }
  const first = await searchWorkItems(store.database, query)
  const [, last] = first
  if (!last) throw new Error('the first page is short')
  const rest = await searchWorkItems(store.database, { ...query, limit: 10, before: last })
  expect([...first, ...rest]).toEqual(all)
})

test("another owner's item is not there to lock", async () => {
  const matter = item()
  await open(matter)
  const [mine] = await found(matter.subjectId)
  await store.database.transaction(async (tx) => {
    expect(await lockWorkItem(tx, gp.id, mine?.id ?? '')).toBeUndefined()
    expect(await lockWorkItem(tx, hospital.id, mine?.id ?? '')).toEqual(mine)
  })
})

test('a change of status is a new version', async () => {
  const matter = item()
  await open(matter)
  const [before] = await found(matter.subjectId)
  await move(before?.id ?? '', 'in-progress')
  const [after] = await found(matter.subjectId)
  expect(after).toMatchObject({ id: before?.id, status: 'in-progress', createdAt: before?.createdAt })
  expect(after?.versionId).not.toBe(before?.versionId)
})
