import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readMappings } from '#assets/mappings.ts'

const root = new URL('../../', import.meta.url)
const { conceptMaps } = readMappings(new URL('mappings/', root))

/** The value at a place of one of the adapters' JSON schemas. */
function valueAt(file: string, path: string): unknown {
  const schema: unknown = JSON.parse(readFileSync(new URL(`src/adapters/${file}`, root), 'utf8'))
  return path.split('.').reduce<unknown>((value, step) => Reflect.get(Object(value), step), schema)
}

test.each([
  {
    file: 'record-parts.schema.json',
    path: '$defs.contact.properties.kind.enum',
    map: 'record/contact-kind-to-encounter-class',
  },
  {
    file: 'record-parts.schema.json',
    path: '$defs.effort.properties.kind.enum',
    map: 'record/effort-kind-to-activity-kind',
  },
  {
    file: 'record-parts.schema.json',
    path: '$defs.consent.properties.what.items.enum',
    map: 'record/consent-information-to-resource-type',
  },
  {
    file: 'municipality/municipality-record.schema.json',
    path: 'properties.course.properties.status.enum',
    map: 'record/plan-status-to-request-status',
  },
  {
    file: 'municipality/municipality-record.schema.json',
    path: 'properties.substances.items.properties.kind.enum',
    map: 'municipality/substance-kind-to-ffb',
  },
  {
    file: 'municipality/municipality-record.schema.json',
    path: 'properties.goals.items.properties.kind.enum',
    map: 'municipality/goal-kind-to-kl-category',
  },
  {
    file: 'gp/gp-contact.schema.json',
    path: 'properties.plan.properties.status.enum',
    map: 'record/plan-status-to-request-status',
  },
])('what $file accepts in $path is what $map translates', ({ file, path, map }) => {
  const rows = conceptMaps.find(({ name }) => name === map)?.conceptMap.group?.[0]?.element ?? []
  expect(valueAt(file, path)).toEqual(rows.map(({ code }) => code))
})
