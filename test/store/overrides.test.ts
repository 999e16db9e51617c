import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sandboxOrganizations } from '#sandbox/identities.ts'
import { putOrganization } from '#store/organizations.ts'
import {
  allowOverrides,
  findOverride,
  mayOverride,
  type NewOverride,
  openOverride,
  overrideToReview,
} from '#store/overrides.ts'
import { physician } from '#test/overrides.ts'
import { openStore, type TestStore } from '#test/stored.ts'

const { gp } = sandboxOrganizations
const openedAt = new Date('2026-11-22T10:00:00.000Z')
const expiresAt = new Date('2026-11-22T11:00:00.000Z')

let store: TestStore
beforeAll(async () => {
  store = await openStore()
  await putOrganization(store.database, gp)
})
afterAll(() => store.close())

/** A client with this person, as the registry has it. */
async function registered(): Promise<string> {
  const id = `client-${randomUUID()}`
  await store.database.query({
    text: `
insert into client (client_id, organization_id, profile, jwks, scopes, purpose_of_use)
values ($1, $2, 'smart', '{"keys": []}', '{}', '{TREAT}')`,
    values: [id, gp.id],
  })
  await allowOverrides(store.database, id, [{ ...physician, value: '0XX97' }, physician])
  return id
}

async function opened(change: Partial<NewOverride> = {}): Promise<NewOverride> {
  const grant: NewOverride = {
    id: randomUUID(),
    subjectId: randomUUID(),
    clientId: change.clientId ?? (await registered()),
    organizationId: gp.id,
    person: physician,
    ground: 'patient-unreachable',
    reason: 'Bevidstløs i modtagelsen',
    openedAt,
    expiresAt,
    ...change,
  }
  await store.database.transaction((tx) => openOverride(tx, store.seal, grant))
  return grant
}

describe('a client may break the glass', () => {
  test('for a person who is registered with it, by system and value', async () => {
    const id = await registered()
    const asked = [
      physician,
      { ...physician, value: '0XX98' },
      { ...physician, system: 'urn:oid:2.16.578.1.12.4.1.4.4' },
    ]
    const answers = await Promise.all(asked.map((person) => mayOverride(store.database, id, person)))
    expect(answers).toEqual([true, false, false])
    expect(await mayOverride(store.database, 'nobody', physician)).toBe(false)
  })

  test.each([
    ['the right was taken from it, though its persons are still listed', 'may_override = false'],
    ['it is disabled', 'disabled_at = now()'],
    ['its persons are none', "override_persons = '[]'"],
    ['its persons are no list', "override_persons = '{}'"],
  ])('not when %s, nor with a grant from before', async (_title, change) => {
    const { id, clientId, subjectId } = await opened()
    expect(await findOverride(store.database, id, clientId, subjectId, openedAt)).toMatchObject({
      privileged: true,
    })
    await store.database.query({
      text: `update client set ${change} where client_id = $1`,
      values: [clientId],
    })
    expect(await mayOverride(store.database, clientId, physician)).toBe(false)
    expect(await findOverride(store.database, id, clientId, subjectId, openedAt)).toMatchObject({
      privileged: false,
    })
  })
})

test.each([
  'urn:oid:1.2.208.176.1.2',
  'urn:oid:1.2.208.176.1.6.1.3.177',
  'urn:oid:2.16.578.1.12.4.1.4.1',
  'urn:oid:2.16.578.1.12.4.1.4.2',
  'urn:oid:2.16.578.1.12.4.1.4.3',
])('nobody is listed by national id, by an operator’s own hand either: %s', async (system) => {
  const id = await registered()
  const persons = [physician, { system, value: 'x' }]
  await expect(allowOverrides(store.database, id, persons)).rejects.toThrow('never by national id')
  const written = store.database.query({
    text: 'update client set override_persons = $2 where client_id = $1',
    values: [id, JSON.stringify(persons)],
  })
  await expect(written).rejects.toThrow('violates check constraint')
})

test('a Norwegian professional is listed by HPR number', async () => {
  const id = await registered()
  const nurse = { system: 'urn:oid:2.16.578.1.12.4.1.4.4', value: '999999999' }
  await allowOverrides(store.database, id, [nurse])
  expect(await mayOverride(store.database, id, nurse)).toBe(true)
})

describe('a grant', () => {
  test.each([
    ['before it was opened', openedAt.getTime() - 1, false],
    ['when it is opened', openedAt.getTime(), true],
    ['at its end', expiresAt.getTime(), true],
    ['after its end', expiresAt.getTime() + 1, false],
  ])('%s', async (_title, at, inForce) => {
    const { id, clientId, subjectId } = await opened()
    const found = await findOverride(store.database, id, clientId, subjectId, new Date(at))
    expect(found !== undefined).toBe(inForce)
  })

  test('is found by its client and about its citizen, and holds no reason', async () => {
    const { reason: _reason, ...grant } = await opened()
    const found = (clientId: string, subjectId: string | undefined) =>
      findOverride(store.database, grant.id, clientId, subjectId, openedAt)
    expect(await found(grant.clientId, grant.subjectId)).toEqual({ ...grant, privileged: true })
    expect(await found(grant.clientId, undefined)).toEqual({ ...grant, privileged: true })
    expect(await found(grant.clientId, randomUUID())).toBeUndefined()
    expect(await found(await registered(), grant.subjectId)).toBeUndefined()
  })

  test('is shown with its reason for the review', async () => {
    const grant = await opened()
    expect(await overrideToReview(store.database, store.seal, grant.id)).toEqual(grant)
    expect(await overrideToReview(store.database, store.seal, randomUUID())).toBeUndefined()
  })

  test("another grant's reason cannot be put in its place", async () => {
    const [one, other] = [await opened(), await opened()]
    await store.database.query({
      text: `
update override_grant set sealed_reason = (select sealed_reason from override_grant where override_id = $2)
where override_id = $1`,
      values: [one.id, other.id],
    })
    await expect(overrideToReview(store.database, store.seal, one.id)).rejects.toThrow()
  })

  test.each([
    ['of more than 8 hours', { expiresAt: new Date('2026-11-22T18:00:00.001Z') }],
    ['without a length', { expiresAt: openedAt }],
    ['on a ground in words', { ground: 'Patienten er bevidstløs' }],
    ['of a client that is not registered', { clientId: 'nobody' }],
  ])('%s is refused by the database', async (_title, change) => {
    await expect(opened(change)).rejects.toThrow(/violates (check|foreign key) constraint/)
  })
})
