/** What the old keys made is made anew: every column, by several workers, and nothing is lost on the way. */
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { personSystem } from '#fhir/person-identifier.ts'
import { announceKeys, faultsOf, keysInUse } from '#store/keys-in-use.ts'
import { findSubject, nationalIdsOf, subjectOf } from '#store/persons.ts'
import { resealBatch, sealedColumns, valuesUnder } from '#store/reseal.ts'
import { createSeal, type Seal, type SealKeys } from '#store/seal.ts'
import { activeSubscription, openStore, type TestStore } from '#test/stored.ts'

const key = (id: number) => ({ id, key: randomBytes(32) })
const seals = [key(1), key(2)] as const
const lookups = [key(1), key(2)] as const
const derive = randomBytes(32)
const rings = (ids: readonly number[], writing: number): SealKeys => ({
  lookup: { keys: lookups.filter(({ id }) => ids.includes(id)), writing },
  seal: { keys: seals.filter(({ id }) => ids.includes(id)), writing },
  derive,
})
const before = createSeal(rings([1], 1))
const during = createSeal(rings([1, 2], 2))
const after = createSeal(rings([2], 2))

let store: TestStore
beforeAll(async () => {
  store = await openStore()
})
afterAll(() => store.close())

/** By no number of a person: the last digits are of no test identity, and nothing here is shown to anybody. */
const citizen = (n: number) => ({ system: personSystem.cpr, value: `010170${String(n).padStart(4, '0')}` })

const add = (seal: Seal, n: number): Promise<string> =>
  store.database.transaction((tx) => subjectOf(tx, seal, citizen(n)))
const batch = (seal: Seal, limit = 100): Promise<number> =>
  store.database.transaction((tx) => resealBatch(tx, seal, limit))

async function all(seal: Seal, limit?: number): Promise<number> {
  let count = 0
  for (let done = await batch(seal, limit); done > 0; done = await batch(seal, limit)) count += done
  return count
}

describe('the list of sealed columns', () => {
  test('has every column of bytes that is no hash', async () => {
    const columns = await store.database.query<{ name: string }>({
      text: `
select table_name || '.' || column_name as name from information_schema.columns
where table_schema = 'public' and data_type = 'bytea' order by 1`,
    })
    // Hashes and checks: no key opens them.
    const hashed = columns.filter(({ name }) =>
      /(^person_identifier\.lookup|_hash|sha256|_value)$/.test(name),
    )
    expect(columns.filter((each) => !hashed.includes(each)).map(({ name }) => name)).toEqual(
      sealedColumns.map(({ table, column }) => `${table}.${column}`).sort(),
    )
  })

  test('each has the index that finds what is left', async () => {
    const indexes = await store.database.query<{ name: string }>({
      text: `select indexname as name from pg_indexes where indexdef ~ 'sealed_key\\(' order by 1`,
    })
    expect(indexes.map(({ name }) => name)).toEqual(
      sealedColumns.map(({ table }) => `${table}_sealed_key`).sort(),
    )
  })
})

describe('a rotation', () => {
  test('makes every value anew, finds everybody before, during and after, and ends', async () => {
    const ids = await Promise.all([1, 2, 3].map((n) => add(before, n)))
    const subscription = await activeSubscription({ ...store, seal: before })
    expect(await valuesUnder(store.database, 'seal', 1)).toBe(4)
    expect(await batch(before)).toBe(0)

    expect(await findSubject(store.database, during, citizen(1))).toBe(ids[0])
    expect(await batch(during, 2)).toBe(2)
    for (const [at, id] of ids.entries()) {
      expect(await findSubject(store.database, during, citizen(at + 1))).toBe(id)
      const known = await nationalIdsOf(store.database, during, [id])
      expect(known.get(id)).toEqual([citizen(at + 1)])
    }
    // One who is added meanwhile is under the new key at once.
    const added = await add(during, 4)
    // Three hashes and four values, less the two of the first batch.
    expect(await all(during, 2)).toBe(5)
    expect(await all(during)).toBe(0)
    for (const kind of ['seal', 'lookup'] as const) expect(await valuesUnder(store.database, kind, 1)).toBe(0)

    expect(await findSubject(store.database, after, citizen(2))).toBe(ids[1])
    expect(await findSubject(store.database, after, citizen(4))).toBe(added)
    const [row] = await store.database.query<{ sealed: Buffer }>({
      text: 'select sealed_headers as sealed from subscription where subscription_id = $1',
      values: [subscription],
    })
    const place = `subscription|${subscription}|sealed_headers`
    expect(after.open(place, row?.sealed ?? Buffer.of()).toString()).toBe(
      '["Authorization: Bearer secret-of-the-subscriber"]',
    )
  })

  test('of values of before there were versions opens them with key 1', async () => {
    const id = await add(before, 10)
    await store.database.query({
      text: `update person_identifier set sealed = '\\x01'::bytea || substring(sealed from 4) where subject_id = $1`,
      values: [id],
    })
    expect(await valuesUnder(store.database, 'seal', 1)).toBe(1)
    await all(during)
    const known = await nationalIdsOf(store.database, after, [id])
    expect(known.get(id)).toEqual([citizen(10)])
  })

  test('two workers share the rows: none waits, and none is done twice', async () => {
    for (let n = 20; n < 26; n++) await add(before, n)
    await store.database.transaction(async (tx) => {
      const first = await resealBatch(tx, during, 5)
      const other = await all(during)
      // Of the sixth row its hash and its value.
      expect([first, other]).toEqual([5, 2])
    })
    expect(await all(during)).toBe(5)
  })

  test('a value that was moved to another place ends it, and is not sealed anew', async () => {
    const id = await add(before, 30)
    const [other] = await store.database.query<{ sealed: Buffer }>({
      text: 'select sealed from person_identifier where subject_id <> $1 limit 1',
      values: [id],
    })
    await store.database.query({
      text: 'update person_identifier set sealed = $2, lookup_key = 2 where subject_id = $1',
      values: [id, before.seal('person_identifier|somebody|sealed', Buffer.from(other ? 'x' : ''))],
    })
    await expect(batch(during)).rejects.toThrow()
    expect(await valuesUnder(store.database, 'seal', 1)).toBe(1)
    await store.database.query({ text: 'delete from person_identifier where subject_id = $1', values: [id] })
  })
})

describe('one citizen stays one', () => {
  test('when two processes write with two keys at the same moment', async () => {
    const ahead = createSeal(rings([1, 2], 2))
    const behind = createSeal(rings([1, 2], 1))
    for (let n = 40; n < 50; n++) {
      const ids = await Promise.all([ahead, behind, ahead, behind].map((seal) => add(seal, n)))
      expect(new Set(ids).size).toBe(1)
    }
  })

  test('when a process lacks a key that is in use: it finds whom it can, and adds nobody', async () => {
    const known = await add(before, 60)
    await announceKeys(store.database, rings([1, 2], 2))
    expect(await add(before, 60)).toBe(known)
    await expect(add(before, 61)).rejects.toThrow(
      'a citizen cannot be added: the keys file lacks a lookup key that is in use',
    )
    expect(await findSubject(store.database, during, citizen(61))).toBeUndefined()
    expect(await add(during, 61)).toBeTruthy()
  })

  test('keys of another gateway, or too few of them, are told from those in use', async () => {
    const inUse = await keysInUse(store.database)
    expect(inUse.map(({ kind, id }) => `${kind} ${id}`)).toEqual(['lookup 2', 'seal 2'])
    expect(faultsOf(rings([1, 2], 2), inUse)).toEqual([])
    expect(faultsOf(rings([1], 1), inUse)).toEqual([
      'the keys file lacks lookup key 2, which is in use; copy the file from where keys were rotated',
      'the keys file lacks seal key 2, which is in use; copy the file from where keys were rotated',
    ])
    const foreign = { ...rings([1, 2], 2), seal: { keys: [key(2)], writing: 2 } }
    const fault =
      'seal key 2 of the keys file is not the one in use; restore the file that belongs to this database'
    expect(faultsOf(foreign, inUse)).toEqual([fault])
    await expect(announceKeys(store.database, foreign)).rejects.toThrow(fault)
  })
})
