import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { relabel, type RelabelledBatch } from '#intake/relabel.ts'
import type { LabelRuleSet } from '#label/rule-set.ts'
import { claimDeliveries, settleDeliveries } from '#store/deliveries.ts'
import { addedLabels } from '#store/labels.ts'
import { claimRelabelling, relabellingOf, ruleSetAt, startRuleSet } from '#store/rule-sets.ts'
import { activeSubscription, openStore, type TestStore } from '#test/stored.ts'
import { type Citizen, citizenOf, earlier, findings, labelled, problem, rules } from './stored-labels.ts'

let store: TestStore
beforeAll(async () => {
  store = await openStore()
})
afterAll(() => store.close())

/** More than one batch. */
const MANY = 105

async function many(citizen: Citizen, count = MANY): Promise<void> {
  for (let i = 0; i < count; i++) await citizen.accept(problem('DF102'), undefined, earlier)
}

async function run(
  labelRules: LabelRuleSet = rules,
  change: Partial<Parameters<typeof relabel>[0]> = {},
): Promise<{ readonly batches: RelabelledBatch[]; readonly woken: string[] }> {
  const batches: RelabelledBatch[] = []
  const woken: string[] = []
  await relabel({
    database: store.database,
    labelRules,
    isStopping: () => false,
    onBatch: (batch) => void batches.push(batch),
    wake: async (ids) => void woken.push(...ids),
    pause: async () => undefined,
    ...change,
  })
  return { batches, woken }
}

const labelledIn = (batches: readonly RelabelledBatch[]): number =>
  batches.reduce((sum, batch) => sum + batch.labelled, 0)

describe('a start with other rules', () => {
  test('labels all that is stored, in batches, once, and keeps the labels of the earlier rules', async () => {
    const citizen = citizenOf(store)
    await startRuleSet(store.database, earlier.version)
    await many(citizen)
    const stored = await citizen.accept(problem('DF331'), undefined, earlier)
    await startRuleSet(store.database, rules.version)
    const { batches } = await run()
    expect(batches).toEqual([
      { labelled: 100, failed: 0, last: false },
      { labelled: 6, failed: 0, last: true },
    ])
    const added = await addedLabels(store.database, rules.version, [stored])
    expect(findings(added.get(stored.versionId))).toEqual(['Condition icd-psychiatry R PSY'])
    const [row] = await store.database.query({
      text: "select labels ->> 'ruleSetVersion' as version from resource_version where version_id = $1",
      values: [stored.versionId],
    })
    expect(row).toEqual({ version: 'earlier' })
    expect(await run()).toEqual({ batches: [], woken: [] })
    expect(await relabellingOf(store.database, rules.version)).toEqual({ running: false, labelled: 106 })
  })

  test('goes on where a stopped worker left off, and two at once do not do the same', async () => {
    const next: LabelRuleSet = { ...rules, version: 'next' }
    await startRuleSet(store.database, next.version)
    let turns = 0
    const stopped = await run(next, { isStopping: () => turns++ > 0 })
    expect(stopped.batches).toEqual([{ labelled: 100, failed: 0, last: false }])
    const both = await Promise.all([run(next), run(next)])
    expect(both.map(({ batches }) => labelledIn(batches)).sort((a, b) => a - b)).toEqual([0, 6])
  })

  test('finds the turn taken while another worker has it, and does not wait', async () => {
    const version = randomUUID()
    await startRuleSet(store.database, version)
    await store.database.transaction(async (tx) => {
      expect(await claimRelabelling(tx, version)).toEqual({ after: undefined })
      expect(await run({ ...rules, version })).toEqual({ batches: [], woken: [] })
    })
    expect((await run({ ...rules, version })).batches.at(-1)?.last).toBe(true)
  })

  test('again labels only what the others accepted meanwhile', async () => {
    await startRuleSet(store.database, earlier.version)
    await many(citizenOf(store), 2)
    await startRuleSet(store.database, rules.version)
    expect(labelledIn((await run()).batches)).toBe(2)
  })

  test('does not wait for what cannot be labelled', async () => {
    const stored = await citizenOf(store).accept(problem('DF102'), undefined, earlier)
    await store.database.query({
      text: "update resource_version set content = 'null' where version_id = $1",
      values: [stored.versionId],
    })
    await startRuleSet(store.database, 'broken')
    const broken: LabelRuleSet = { ...rules, version: 'broken' }
    const { batches } = await run(broken)
    expect(batches.reduce((sum, batch) => sum + batch.failed, 0)).toBe(1)
    expect(batches.at(-1)?.last).toBe(true)
  })
})

describe('two rule sets at once, as in a rolling upgrade', () => {
  test('each labels under its own, and takes nothing from the other', async () => {
    const stored = await citizenOf(store).accept(problem('DF102'), undefined, earlier)
    const newer: LabelRuleSet = { ...rules, version: 'newer' }
    for (const { version } of [newer, rules]) await startRuleSet(store.database, version)
    await Promise.all([run(newer), run(rules)])
    const versions = await store.database.query({
      text: "select rule_set from resource_label where version_id = $1 and rule_set in ('newer', $2) order by 1",
      values: [stored.versionId, rules.version],
    })
    expect(versions.map(({ rule_set: version }) => String(version)).sort()).toEqual(
      ['newer', rules.version].sort(),
    )
    expect(findings(await labelled(store, stored))).toEqual(['Condition icd-alcohol R ETHUD'])
  })
})

describe('deliveries that were held for want of labels', () => {
  test('are due when the relabelling is through, their attempt not counted; others are not', async () => {
    const subscription = await activeSubscription(store, { resourceTypes: ['Condition'] })
    for (let i = 0; i < 2; i++) await citizenOf(store).accept(problem('DF102'))
    const claim = () =>
      store.database.transaction((tx) => claimDeliveries(tx, subscription, { limit: 5, deadlineMs: 1 }))
    const [held, failed] = await claim()
    if (!held || !failed) throw new Error('nothing was due')
    const later = { state: 'open', retryInMs: 60_000 } as const
    await settleDeliveries(store.database, [
      { ...held, ...later, held: true, reason: 'not-labelled' },
      { ...failed, ...later, reason: 'http-500' },
    ])
    expect(await claim()).toEqual([])
    await startRuleSet(store.database, randomUUID())
    await startRuleSet(store.database, rules.version)
    expect((await run()).woken).toEqual([subscription])
    expect((await claim()).map(({ deliveryId, attempt }) => [deliveryId, attempt])).toEqual([
      [held.deliveryId, 1],
    ])
  })
})

describe('the rules in force', () => {
  test('are those of the latest start before the instant; the same again begins nothing', async () => {
    const versions = [randomUUID(), randomUUID()] as const
    const at: Date[] = []
    for (const version of versions) {
      await startRuleSet(store.database, version)
      const [row] = await store.database.query<{ now: Date }>({
        text: 'select max(started_at) as now from rule_set_start',
      })
      if (row) at.push(new Date(row.now.getTime() + 1))
    }
    for (const [i, version] of versions.entries())
      expect(await ruleSetAt(store.database, at[i] ?? new Date(0))).toBe(version)
    expect(await ruleSetAt(store.database, new Date(0))).toBeUndefined()
    const count = () => store.database.query({ text: 'select count(*) from rule_set_start' })
    const before = await count()
    await startRuleSet(store.database, versions[1])
    expect(await count()).toEqual(before)
  })
})
