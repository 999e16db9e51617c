import { describe, expect, test } from 'vitest'
import { readMappings } from '#assets/mappings.ts'
import { type Fault, GatewayError } from '#fhir/gateway-error.ts'
import { compileMaps } from '#mapping/compile.ts'
import { transform } from '#mapping/transform.ts'
import { type Parser, readCases } from '#test/mapping-cases.ts'
import { profileAssets } from '#test/validator.ts'
import { type Change, formats } from './bad-input-cases.ts'

// The validator that `#test/validator.ts` makes has indexed the definitions, which the maps need.
const maps = compileMaps(readMappings(new URL('../../mappings/', import.meta.url)))
const sources = new Map(readCases().map(({ name, source }) => [name, new TextDecoder().decode(source)]))

/** Parse and map, as intake does. */
function faultsOf(parse: Parser, bytes: Uint8Array): readonly Fault[] {
  try {
    for (const { map, record, fields } of parse(bytes).entries) transform(maps, map, record, fields)
  } catch (error) {
    if (error instanceof GatewayError) return error.faults
    throw error
  }
  return []
}

function changed(name: string, change: Change): Uint8Array {
  const source = sources.get(name) ?? ''
  if ('replace' in change) {
    const [from, to] = change.replace
    expect(source).toContain(from)
    return new TextEncoder().encode(source.replaceAll(from, to))
  }
  const root: unknown = JSON.parse(source)
  const last = change.place.at(-1)
  const parent = change.place
    .slice(0, -1)
    .reduce<unknown>((value, step) => Reflect.get(Object(value), step), root)
  if (last !== undefined && 'put' in change) Reflect.set(Object(parent), last, change.put)
  else if (last !== undefined) Reflect.deleteProperty(Object(parent), last)
  return new TextEncoder().encode(JSON.stringify(root))
}

describe.for(formats)('$format', ({ parse, base, empty, cases }) => {
  test('the source itself is accepted', () => {
    expect(profileAssets.profiles.length).toBeGreaterThan(0)
    expect(faultsOf(parse, new TextEncoder().encode(sources.get(base)))).toEqual([])
  })

  test.for(['', ' \r\n\n'])('an empty body (%j)', (body) => {
    const text = empty ?? 'the body is empty: send one JSON document'
    expect(faultsOf(parse, new TextEncoder().encode(body))).toEqual([{ code: 'body-empty', text }])
  })

  test('broken syntax', () => {
    const [fault] = faultsOf(parse, new TextEncoder().encode('{"a": '))
    expect(fault?.code).toBe('body-malformed')
  })

  test.for(cases)('$title', ({ change, want }) => {
    expect(faultsOf(parse, changed(base, change))).toEqual(want)
  })
})
