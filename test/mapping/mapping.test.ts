import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { readMappings } from '#assets/mappings.ts'

import { validator } from '#test/validator.ts'
import { compileMaps } from '#mapping/compile.ts'
import type { SourceEntry } from '#mapping/source-record.ts'
import { transform } from '#mapping/transform.ts'
import { aboutSomebody, readCases } from '#test/mapping-cases.ts'

const root = new URL('../../', import.meta.url)

const assets = readMappings(new URL('mappings/', root))
const maps = compileMaps(assets)
const ajv = new Ajv2020({ allErrors: true })
const recordFaults = new Map(
  assets.maps.map(({ name, recordSchema }) => {
    const validate = ajv.compile(recordSchema)
    return [name, (entry: SourceEntry) => (validate(entry.record) ? [] : validate.errors)]
  }),
)
const cases = readCases()

describe('a message of each format becomes the resources beside it, valid by their profiles', () => {
  test.each(cases)('$name', ({ parse, source, expected }) => {
    const message = parse(source)
    const entries = message.entries.map((entry) => ({
      map: entry.map,
      key: entry.key,
      resource: transform(maps, entry.map, entry.record, entry.fields),
    }))
    const { messageId, patient, warnings } = message
    expect({ messageId, patient, warnings, entries }).toEqual(expected)

    for (const entry of message.entries) expect(recordFaults.get(entry.map)?.(entry), entry.map).toEqual([])
    for (const { resource } of entries) {
      expect(validator.validate(aboutSomebody(resource), resource.meta?.profile?.[0])).toEqual([])
    }
    expect(JSON.stringify(message.entries), 'a record holds no person number').not.toContain(patient.value)
  })

  test('each map has a case', () => {
    const used = new Set(cases.flatMap(({ parse, source }) => parse(source).entries.map(({ map }) => map)))
    expect([...used].toSorted()).toEqual([...maps.maps.keys()].toSorted())
  })
})
