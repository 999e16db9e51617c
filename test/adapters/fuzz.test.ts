import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { GatewayError } from '#fhir/gateway-error.ts'
import { readCases } from '#test/mapping-cases.ts'

/** Any six characters in a row of the citizen's number: nothing of it may come back. */
function echoes(faults: unknown, number: string): boolean {
  const answer = JSON.stringify(faults)
  const parts = Array.from({ length: number.length - 5 }, (_, at) => number.slice(at, at + 6))
  return parts.some((part) => answer.includes(part))
}

interface Damage {
  readonly at: number
  readonly remove: number
  readonly insert: Uint8Array
}

function damaged(source: Uint8Array, damages: readonly Damage[]): Uint8Array {
  return damages.reduce((bytes, { at, remove, insert }) => {
    const start = at % (bytes.length + 1)
    return new Uint8Array([...bytes.subarray(0, start), ...insert, ...bytes.subarray(start + remove)])
  }, source)
}

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 8 }),
  fc
    .constantFrom('"', '|', '^', '\\', '\r', 'null', '[]', '{}', '-1', '""', '2509479989', '__proto__')
    .map((text) => new TextEncoder().encode(text)),
)
const damage = fc.record({ at: fc.nat(), remove: fc.nat({ max: 40 }), insert: bytes })

describe.for(readCases())('$name', ({ parse, source }) => {
  const { patient } = parse(source)

  test('whatever is broken in it, it is read or refused in our own words, without the citizen', () => {
    fc.assert(
      fc.property(fc.array(damage, { minLength: 1, maxLength: 4 }), (damages) => {
        const body = damaged(source, damages)
        try {
          expect(parse(body).entries.length).toBeGreaterThan(0)
        } catch (error) {
          if (!(error instanceof GatewayError)) throw error
          expect(echoes(error.faults, patient.value)).toBe(false)
        }
      }),
      { numRuns: 300 },
    )
  })

  test('arbitrary bytes are refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (body) => {
        expect(() => parse(body)).toThrow(GatewayError)
      }),
      { numRuns: 50 },
    )
  })

  test('JSON of any shape is refused', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom('Bundle', 'CarePlan', undefined), (value, resourceType) => {
        const object = typeof value === 'object' && !Array.isArray(value) ? value : { entry: value }
        const body = new TextEncoder().encode(JSON.stringify({ ...object, resourceType }))
        expect(() => parse(body)).toThrow(GatewayError)
      }),
      { numRuns: 50 },
    )
  })
})
