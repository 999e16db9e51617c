import { afterAll, beforeAll, expect, test } from 'vitest'
import { sandboxOrganizations } from '#sandbox/identities.ts'
import {
  type Organization,
  organizationsById,
  organizationsByIdentifier,
  putOrganization,
} from '#store/organizations.ts'
import { openStore, type TestStore } from '#test/stored.ts'
import { book, frameOf } from './real-law.ts'

let store: TestStore
beforeAll(async () => {
  store = await openStore()
})
afterAll(() => store.close())

const unit: Organization = {
  id: '5b0f6f1e-6a3a-4e0e-9a52-0d3b7c1d2e4f',
  name: 'En enhed',
  sector: 'municipality',
  jurisdiction: 'DK',
  timeZone: 'Europe/Copenhagen',
  identifiers: [{ system: 'urn:oid:1.2.208.176.1.1', value: '999009000016009' }],
  sensitivities: [],
}

async function stored(): Promise<Organization | undefined> {
  return (await organizationsById(store.database, [unit.id])).get(unit.id)
}

test('a unit is registered with what it does, or without', async () => {
  await putOrganization(store.database, unit)
  expect(await stored()).toEqual(unit)
  await putOrganization(store.database, { ...unit, unitType: 'municipal-social' })
  expect(await stored()).toEqual({ ...unit, unitType: 'municipal-social' })
  expect(await organizationsByIdentifier(store.database, unit.identifiers)).toEqual([
    { ...unit, unitType: 'municipal-social' },
  ])
})

test('a registration that says nothing of it takes it away: then nobody knows any more', async () => {
  await putOrganization(store.database, { ...unit, unitType: 'municipal-social' })
  await putOrganization(store.database, unit)
  expect(await stored()).toEqual(unit)
  expect(frameOf({ recipientUnitType: (await stored())?.unitType }).stop?.reason).toBe('unit-type-unknown')
})

test.each(Object.values(sandboxOrganizations))(
  'the sandbox: $name is of a type that is known',
  ({ unitType }) => {
    expect(book.unitTypes.has(unitType)).toBe(true)
  },
)

test('the sandbox: what reaches the addiction centre needs a written consent, what reaches the others does not', () => {
  const { hospital, municipality, gp } = sandboxOrganizations
  const forms = [hospital, municipality, gp].map(
    ({ unitType }) => frameOf({ recipientUnitType: unitType }).consent.form,
  )
  expect(forms).toEqual(['any', 'written', 'any'])
})
