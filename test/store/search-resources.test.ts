import { randomUUID } from 'node:crypto'
import type { CarePlan } from '@medplum/fhirtypes'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type DateClauses, fitsDates, readDateTerm } from '#fhir/date-search.ts'
import { dateOf } from '#fhir/held-types.ts'
import { commit } from '#store/commit.ts'
import { type Order, type ResourceQuery, searchResources } from '#store/search-resources.ts'
import { acceptedPlan, openStore, type TestStore } from '#test/stored.ts'

let store: TestStore
const subjectId = randomUUID()

const bounds = [undefined, '2025', '2026-01', '2026-01-31', '2026-01-31T10:00:00Z', '2026-02-01']
const periods = bounds.flatMap((start) =>
  bounds.map((end) => ({ ...(start && { start }), ...(end && { end }) })),
)
const plans = periods.map((period) => {
  const content: CarePlan = {
    resourceType: 'CarePlan',
    status: 'active',
    intent: 'plan',
    subject: { reference: 'Patient/x' },
    ...(Object.keys(period).length > 0 && { period }),
  }
  return acceptedPlan({ subjectId, content })
})

beforeAll(async () => {
  store = await openStore()
  for (const plan of plans) await commit(store.database, [plan], [])
})
afterAll(() => store.close())

async function found(asked: Partial<ResourceQuery>): Promise<string[]> {
  const query = {
    resourceTypes: ['CarePlan'],
    subjectId,
    clauses: [],
    lastUpdated: [],
    date: [],
    limit: 1000,
  }
  const rows = await searchResources(store.database, { ...query, order: 'newest', ...asked })
  return rows.map(({ stored }) => stored.id)
}

// The database passes over what the released is held to again in code: both must read a date alike.
test('dates are compared in SQL as in code', async () => {
  const prefix = fc.constantFrom('', 'eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb')
  const day = fc.constantFrom(
    '2024',
    '2025',
    '2026',
    '2026-01',
    '2026-01-31',
    '2026-01-31T10:00:00Z',
    '2026-02',
  )
  const term = fc
    .tuple(prefix, day)
    .map(([p, d]) => readDateTerm(p + d) ?? { prefix: 'eq' as const, from: 0, until: 0 })
  const asked: fc.Arbitrary<DateClauses> = fc.array(fc.array(term, { minLength: 1, maxLength: 2 }), {
    minLength: 1,
    maxLength: 2,
  })
  await fc.assert(
    fc.asyncProperty(asked, async (date) => {
      const want = plans.filter(({ content }) => fitsDates(dateOf(content as CarePlan), date))
      expect((await found({ date })).toSorted()).toEqual(want.map(({ id }) => id).toSorted())
    }),
    { numRuns: 150 },
  )
})

describe('an order', () => {
  test.each(['newest', 'oldest', 'date', '-date'] as const)(
    '%s is the same in stretches of any length',
    async (order: Order) => {
      const whole = await found({ order })
      expect(new Set(whole).size).toBe(plans.length)
      for (const limit of [1, 7, 35]) {
        const seen: string[] = []
        let after: ResourceQuery['after']
        for (;;) {
          const rows = await searchResources(store.database, {
            resourceTypes: ['CarePlan'],
            subjectId,
            clauses: [],
            lastUpdated: [],
            date: [],
            order,
            limit,
            after,
          })
          seen.push(...rows.map(({ stored }) => stored.id))
          if (rows.length < limit) break
          after = rows.at(-1)?.place
        }
        expect(seen).toEqual(whole)
      }
    },
  )

  test('by date begins with the first, and has what says no start last, either way', async () => {
    const startOf = new Map(plans.map(({ id, content }) => [id, (content as CarePlan).period?.start]))
    const starts = async (order: Order): Promise<(string | undefined)[]> => [
      ...new Set((await found({ order })).map((id) => startOf.get(id))),
    ]
    const first = ['2025', '2026-01', '2026-01-31', '2026-01-31T10:00:00Z', '2026-02-01']
    expect(await starts('date')).toEqual([...first, undefined])
    expect(await starts('-date')).toEqual([...first.toReversed(), undefined])
  })
})

test('a list of nobody is none', async () => {
  await expect(found({ subjectId: undefined })).rejects.toThrow('a list names a citizen, or ids')
})
