import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findDemographics, putDemographics } from '#store/patients.ts'
import { openStore, type TestStore } from '#test/stored.ts'

let store: TestStore
beforeAll(async () => {
  store = await openStore()
})
afterAll(() => store.close())

test('whoever began earlier and waited for whoever began later has the later version of the demographics', async () => {
  const key = { subjectId: randomUUID(), organizationId: randomUUID() }
  await store.database.query({
    text: `
insert into organization (organization_id, name, sector, jurisdiction, time_zone, identifiers)
values ($1, 'A practice', 'gp', 'DK', 'Europe/Copenhagen', '[]')`,
    values: [key.organizationId],
  })
  const versions = [randomUUID(), randomUUID()] as const
  const version = (versionId: string) => ({
    ...key,
    versionId,
    content: { resourceType: 'Patient' } as const,
  })
  await store.database.transaction(async (early) => {
    // The clock of a transaction stands still from its first statement on.
    await early.query({ text: 'select now()' })
    await store.database.transaction((late) =>
      putDemographics(late, version(versions[0]), { onlyNew: false }),
    )
    await putDemographics(early, version(versions[1]), { onlyNew: false })
  })
  const rows = await store.database.query<{ version_id: string }>({
    text: 'select version_id from patient_version where subject_id = $1 order by recorded',
    values: [key.subjectId],
  })
  expect(rows.map((row) => row.version_id)).toEqual(versions)
  expect((await findDemographics(store.database, key))?.versionId).toBe(versions[1])
})
