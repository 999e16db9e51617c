import { randomUUID } from 'node:crypto'
import type { CarePlan, Encounter, Resource } from '@medplum/fhirtypes'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { neighboursOf } from '#store/labels.ts'
import { openStore, type TestStore } from '#test/stored.ts'
import {
  citizenOf,
  earlier,
  findings,
  labelled,
  labelledTogether,
  problem,
  RECIPIENT,
  rules,
  subject,
} from './stored-labels.ts'

const ACT_CODE = 'http://terminology.hl7.org/CodeSystem/v3-ActCode'

let store: TestStore
beforeAll(async () => {
  store = await openStore()
})
afterAll(() => store.close())

const plan: CarePlan = { resourceType: 'CarePlan', status: 'active', intent: 'plan', subject }
const visit: Encounter = {
  resourceType: 'Encounter',
  status: 'finished',
  class: { system: ACT_CODE, code: 'AMB' },
  subject,
}
const addresses = (...ids: readonly string[]) => ids.map((id) => ({ reference: `Condition/${id}` }))
const ALCOHOL = 'DF102'
const DEPRESSION = 'DF331'
const PRESSURE = 'DI109'

describe('S14: an element that points to labelled data', () => {
  test('carries its labels, whether what it points to comes before or after it', async () => {
    const citizen = citizenOf(store)
    const [first, second] = [randomUUID(), randomUUID()]
    await citizen.accept(problem(ALCOHOL), undefined, undefined, first)
    const stored = await citizen.accept({ ...plan, addresses: addresses(first, second) })
    const before = ['CarePlan.addresses[0] referenced R ETHUD']
    expect(findings(await labelled(store, stored))).toEqual(before)
    await citizen.accept(problem(DEPRESSION), undefined, undefined, second)
    expect(findings(await labelled(store, stored))).toEqual([
      ...before,
      'CarePlan.addresses[1] referenced R PSY',
    ])
  })

  test('carries them no longer when they are gone from there', async () => {
    const citizen = citizenOf(store)
    const { id } = await citizen.accept(problem(ALCOHOL))
    const stored = await citizen.accept({ ...plan, addresses: addresses(id) })
    await citizen.accept(problem(PRESSURE), undefined, undefined, id)
    expect(findings(await labelled(store, stored))).toEqual([])
  })

  test('carries those of another custodian, and of what that custodian treats', async () => {
    const citizen = citizenOf(store)
    const clinic = randomUUID()
    const { id } = await citizen.accept(problem(PRESSURE), clinic)
    const stored = await citizen.accept({ ...plan, addresses: addresses(id) })
    const units = new Map([[`Organization/${clinic}`, ['SUD']]])
    expect(findings(await labelled(store, stored, { units }))).toEqual([
      'CarePlan.addresses[0] sensitive-unit R SSP SUD',
    ])
  })

  test('carries those of an older version and of one reached through a contained resource', async () => {
    const citizen = citizenOf(store)
    const { id } = await citizen.accept(problem(ALCOHOL))
    const goal: Resource = {
      resourceType: 'Goal',
      id: 'g',
      lifecycleStatus: 'active',
      description: { coding: [{ system: 'urn:oid:1.2.208.176.2.4.12', code: PRESSURE }] },
      subject,
      addresses: [{ reference: `Condition/${id}/_history/1` }],
    }
    const stored = await citizen.accept({ ...plan, contained: [goal], goal: [{ reference: '#g' }] })
    expect(findings(await labelled(store, stored))).toEqual(['CarePlan.goal[0] referenced R ETHUD'])
  })

  test('carries nothing of another citizen, nor of what is not stored', async () => {
    const { id } = await citizenOf(store).accept(problem(ALCOHOL))
    const stored = await citizenOf(store).accept({
      ...plan,
      addresses: [...addresses(id, randomUUID()), { reference: 'Condition/not-an-id' }],
    })
    expect(findings(await labelled(store, stored))).toEqual([])
  })

  test('shows its custodian only what is its own', async () => {
    const citizen = citizenOf(store)
    const { id } = await citizen.accept(problem(ALCOHOL), randomUUID())
    const stored = await citizen.accept({ ...plan, addresses: addresses(id) })
    expect(findings(await labelled(store, stored, { recipient: stored.custodian }))).toEqual([])
    expect(findings(await labelled(store, stored, { recipient: RECIPIENT }))).not.toEqual([])
  })
})

describe('resources that are decided about together', () => {
  test('do not lend their custodian what they carry for others', async () => {
    const citizen = citizenOf(store)
    const { id } = await citizen.accept(problem(ALCOHOL), randomUUID())
    const own = await citizen.accept({ ...plan, addresses: addresses(id) })
    const others = await citizen.accept({ ...plan, addresses: addresses(id) }, randomUUID())
    const labels = await labelledTogether(store, [own, others], { recipient: own.custodian })
    expect(labels.map(findings)).toEqual([[], ['CarePlan.addresses[0] referenced R ETHUD']])
  })

  test('of two citizens stay apart, though one points to a record of the other', async () => {
    const [first, second] = [citizenOf(store), citizenOf(store)]
    const { id } = await second.accept(problem(ALCOHOL))
    const strange = await first.accept({ ...plan, addresses: addresses(id) })
    const own = await second.accept({ ...plan, addresses: addresses(id) })
    expect((await labelledTogether(store, [strange, own])).map(findings)).toEqual([
      [],
      ['CarePlan.addresses[0] referenced R ETHUD'],
    ])
    const linked = { subjectId: first.subjectId, reference: `CarePlan/${strange.id}`, pointsTo: [id] }
    expect(await neighboursOf(store.database, rules.version, [linked])).toEqual([])
  })
})

describe('S13, S15: labels flow to what a resource is about', () => {
  test('a problem makes the encounter in which it was found sensitive as a whole', async () => {
    const citizen = citizenOf(store)
    const encounter = await citizen.accept(visit)
    expect(findings(await labelled(store, encounter))).toEqual([])
    const found = problem(ALCOHOL, { encounter: { reference: `Encounter/${encounter.id}` } })
    const { id } = await citizen.accept(found)
    expect(findings(await labelled(store, encounter))).toEqual(['Encounter referring R ETHUD'])
    // And no longer, once it is recorded to have been something else.
    await citizen.accept({ ...found, code: problem(PRESSURE).code ?? {} }, undefined, undefined, id)
    expect(findings(await labelled(store, encounter))).toEqual([])
  })

  test('only the diagnosis, where the encounter names the problem itself', async () => {
    const citizen = citizenOf(store)
    const [encounterId, alcohol] = [randomUUID(), randomUUID()]
    const diagnosis = [{ condition: { reference: `Condition/${alcohol}` } }]
    const encounter = await citizen.accept({ ...visit, diagnosis }, undefined, undefined, encounterId)
    const inIt = { encounter: { reference: `Encounter/${encounterId}` } }
    await citizen.accept(problem(ALCOHOL, inIt), undefined, undefined, alcohol)
    expect(findings(await labelled(store, encounter))).toEqual(['Encounter.diagnosis[0] referenced R ETHUD'])
  })

  test('from a diagnosis, a reason and what a plan addresses to the problem; a plan by element', async () => {
    const source = { meta: { security: [{ system: ACT_CODE, code: 'SUD' }] } }
    const pointing: readonly ((id: string) => Resource)[] = [
      (id) => ({ ...visit, ...source, diagnosis: [{ condition: { reference: `Condition/${id}` } }] }),
      (id) => ({ ...visit, ...source, reasonReference: addresses(id) }),
      (id) => ({ ...plan, ...source, addresses: addresses(id) }),
      (id) => ({
        ...plan,
        activity: [
          {
            detail: {
              status: 'completed',
              reasonReference: addresses(id),
              code: problem(ALCOHOL).code ?? {},
            },
          },
        ],
      }),
    ]
    for (const resource of pointing) {
      const citizen = citizenOf(store)
      const stored = await citizen.accept(problem(PRESSURE))
      await citizen.accept(resource(stored.id))
      const found = await labelled(store, stored)
      expect(found?.elements.map(({ path, rule }) => `${path} ${rule}`)).toEqual(['Condition referring'])
    }
    const citizen = citizenOf(store)
    const stored = await citizen.accept(problem(DEPRESSION))
    const other = { detail: { status: 'completed' as const, code: problem(ALCOHOL).code ?? {} } }
    await citizen.accept({ ...plan, addresses: addresses(stored.id), activity: [other] })
    expect(findings(await labelled(store, stored))).toEqual(['Condition icd-psychiatry R PSY'])
  })

  test('not from a problem that only lists it as evidence, nor from text that nobody judged', async () => {
    const citizen = citizenOf(store)
    const encounter = await citizen.accept(visit)
    const evidence = [{ detail: [{ reference: `Encounter/${encounter.id}` }] }]
    await citizen.accept(problem(ALCOHOL, { evidence }))
    const inIt = { encounter: { reference: `Encounter/${encounter.id}` } }
    await citizen.accept(problem(PRESSURE, { ...inIt, note: [{ text: 'Ringer' }] }))
    expect(findings(await labelled(store, encounter))).toEqual([])
  })

  test('not from another organisation: nobody makes the records of others unreadable', async () => {
    const citizen = citizenOf(store)
    const stored = await citizen.accept(problem(PRESSURE))
    const source = { meta: { security: [{ system: ACT_CODE, code: 'SUD' }] } }
    await citizen.accept({ ...plan, ...source, addresses: addresses(stored.id) }, randomUUID())
    expect(findings(await labelled(store, stored))).toEqual([])
  })

  test('one reference far: what came along a reference goes no further', async () => {
    const citizen = citizenOf(store)
    const encounter = await citizen.accept(visit)
    const inIt = { encounter: { reference: `Encounter/${encounter.id}` } }
    await citizen.accept(problem(ALCOHOL, inIt))
    const psychiatric = await citizen.accept(problem(DEPRESSION, inIt))
    expect(findings(await labelled(store, encounter))).toEqual(['Encounter referring R ETHUD PSY'])
    expect(findings(await labelled(store, psychiatric))).toEqual(['Condition icd-psychiatry R PSY'])
  })
})

describe('the registry as it is at this moment', () => {
  test('labels what a unit sent and what names it, and no longer when it has changed', async () => {
    const citizen = citizenOf(store)
    const unit = { system: 'urn:oid:1.2.208.176.1.1', value: '1234' }
    const encounter = await citizen.accept({
      ...visit,
      serviceProvider: { identifier: unit },
      location: [{ location: { identifier: unit } }],
    })
    const sensitive = new Map([
      [`Organization/${encounter.custodian}`, ['PSY']],
      [`${unit.system}|${unit.value}`, ['SUD']],
    ])
    expect(findings(await labelled(store, encounter, { units: sensitive }))).toEqual([
      'Encounter sensitive-unit R PSY SSP',
      'Encounter.location[0] sensitive-unit R LOCIS SSP SUD',
      'Encounter.serviceProvider sensitive-unit R SSP SUD',
    ])
    expect(findings(await labelled(store, encounter))).toEqual([])
  })
})

describe('M34: what was labelled under other rules', () => {
  test('is labelled before it is decided about, with all that it is linked with', async () => {
    const citizen = citizenOf(store)
    const { id } = await citizen.accept(problem(ALCOHOL), undefined, earlier)
    const stored = await citizen.accept({ ...plan, addresses: addresses(id) }, undefined, earlier)
    expect(stored.labels.elements).toEqual([])
    expect(findings(await labelled(store, stored))).toEqual(['CarePlan.addresses[0] referenced R ETHUD'])
  })

  test('and cannot be labelled, or is linked with what cannot, has no labels', async () => {
    const citizen = citizenOf(store)
    const broken = await citizen.accept(problem(ALCOHOL), undefined, earlier)
    const stored = await citizen.accept({ ...plan, addresses: addresses(broken.id) })
    await store.database.query({
      text: "update resource_version set content = 'null' where version_id = $1",
      values: [broken.versionId],
    })
    expect(findings(await labelled(store, stored))).toEqual(['none'])
    expect(findings(await labelled(store, { ...broken, content: null as never }))).toEqual(['none'])
  })
})
