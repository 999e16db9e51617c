import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { GatewayError } from '#fhir/gateway-error.ts'
import { patched, readPatch } from '#fhir/json-patch.ts'

const document = { a: [1, 2], b: { c: 'x', 'd/e': 1, 'f~g': 2 } }

function faultOf(work: () => unknown): unknown {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    const [{ code, expression }] = error.faults
    return [code, expression]
  }
}

function apply(...operations: object[]): unknown {
  return faultOf(() => patched(document, readPatch(operations)))
}

const { b } = document
const failed = (at: number): unknown => ['patch-failed', `/${at}`]

// https://www.rfc-editor.org/rfc/rfc6902#section-4 and appendix A
// prettier-ignore
const cases: readonly { title: string; operations: object[]; want: unknown }[] = [
  { title: 'adds a member', operations: [{ op: 'add', path: '/n', value: null }], want: { ...document, n: null } },
  { title: 'replaces by adding', operations: [{ op: 'add', path: '/a', value: 1 }], want: { a: 1, b } },
  { title: 'adds before an item', operations: [{ op: 'add', path: '/a/0', value: 0 }], want: { a: [0, 1, 2], b } },
  { title: 'adds at the end, by number', operations: [{ op: 'add', path: '/a/2', value: 3 }], want: { a: [1, 2, 3], b } },
  { title: 'adds at the end, by `-`', operations: [{ op: 'add', path: '/a/-', value: 3 }], want: { a: [1, 2, 3], b } },
  { title: 'not beyond the end', operations: [{ op: 'add', path: '/a/3', value: 3 }], want: failed(0) },
  { title: 'not at an index with a zero before it', operations: [{ op: 'add', path: '/a/01', value: 3 }], want: failed(0) },
  { title: 'not at a negative index', operations: [{ op: 'add', path: '/a/-1', value: 3 }], want: failed(0) },
  { title: 'not at a name in a list', operations: [{ op: 'add', path: '/a/x', value: 3 }], want: failed(0) },
  { title: 'not below what is not there', operations: [{ op: 'add', path: '/x/y', value: 3 }], want: failed(0) },
  { title: 'not below a string', operations: [{ op: 'add', path: '/b/c/0', value: 3 }], want: failed(0) },
  { title: 'removes', operations: [{ op: 'remove', path: '/a/0' }, { op: 'remove', path: '/b/c' }], want: { a: [2], b: { 'd/e': 1, 'f~g': 2 } } },
  { title: 'removes by an escaped name', operations: [{ op: 'remove', path: '/b/d~1e' }, { op: 'remove', path: '/b/f~0g' }], want: { a: [1, 2], b: { c: 'x' } } },
  { title: 'removes nothing that is not there', operations: [{ op: 'remove', path: '/a/2' }], want: failed(0) },
  { title: 'removes nothing after the end', operations: [{ op: 'remove', path: '/a/-' }], want: failed(0) },
  { title: 'removes nothing that is inherited', operations: [{ op: 'remove', path: '/toString' }], want: ['patch-malformed', '/0/path'] },
  { title: 'replaces', operations: [{ op: 'replace', path: '/b', value: 1 }], want: { a: [1, 2], b: 1 } },
  { title: 'replaces nothing that is not there', operations: [{ op: 'replace', path: '/z', value: 1 }], want: failed(0) },
  { title: 'moves', operations: [{ op: 'move', from: '/b/c', path: '/a/-' }], want: { a: [1, 2, 'x'], b: { 'd/e': 1, 'f~g': 2 } } },
  { title: 'moves nothing into itself', operations: [{ op: 'move', from: '/b', path: '/b/h' }], want: failed(0) },
  { title: 'copies', operations: [{ op: 'copy', from: '/a', path: '/b/c' }], want: { a: [1, 2], b: { ...b, c: [1, 2] } } },
  { title: 'copies nothing that is not there', operations: [{ op: 'copy', from: '/z', path: '/y' }], want: failed(0) },
  { title: 'a copy does not change with what it was made of', operations: [{ op: 'copy', from: '/a', path: '/z' }, { op: 'remove', path: '/a/0' }], want: { a: [2], b, z: [1, 2] } },
  { title: 'a test that holds', operations: [{ op: 'test', path: '/b', value: { 'f~g': 2, 'd/e': 1, c: 'x' } }], want: document },
  { title: 'a test that does not, after what was done: none of it is', operations: [{ op: 'remove', path: '/b' }, { op: 'test', path: '/a/0', value: '1' }], want: failed(1) },
  { title: 'a test of what is not there, for null', operations: [{ op: 'test', path: '/z', value: null }], want: failed(0) },
  { title: 'doubling without end', operations: Array.from({ length: 40 }, () => ({ op: 'copy', from: '/a', path: '/a/-' })), want: failed(14) },
]

describe('a JSON Patch', () => {
  test.each(cases)('$title', ({ operations, want }) => {
    const before = structuredClone(document)
    expect(apply(...operations)).toEqual(want)
    expect(document).toEqual(before)
  })

  test.each([
    ['no list', { op: 'remove', path: '/a' }, undefined],
    ['an empty list', [], undefined],
    [
      'more than 100 operations',
      Array.from({ length: 101 }, () => ({ op: 'remove', path: '/a' })),
      undefined,
    ],
    ['an operation that is none', [null], '/0'],
    [
      'an unknown operation',
      [
        { op: 'remove', path: '/a' },
        { op: 'merge', path: '/a' },
      ],
      '/1/op',
    ],
    ['no path', [{ op: 'remove' }], '/0/path'],
    ['the whole document', [{ op: 'replace', path: '', value: {} }], '/0/path'],
    ['a path that is no pointer', [{ op: 'remove', path: 'a' }], '/0/path'],
    ['a wrong escape', [{ op: 'remove', path: '/a~2' }], '/0/path'],
    ['a path of 65 names', [{ op: 'remove', path: '/a'.repeat(65) }], '/0/path'],
    ['the prototype', [{ op: 'add', path: '/__proto__/x', value: 1 }], '/0/path'],
    ['the constructor', [{ op: 'copy', from: '/constructor', path: '/x' }], '/0/from'],
    ['no value', [{ op: 'add', path: '/x' }], '/0'],
    ['no from', [{ op: 'move', path: '/x' }], '/0/from'],
  ])('%s is refused before anything is looked up', (_title, body, expression) => {
    expect(faultOf(() => readPatch(body))).toEqual(['patch-malformed', expression])
  })

  test('100 operations are not too many', () => {
    expect(readPatch(Array.from({ length: 100 }, () => ({ op: 'remove', path: '/a' })))).toHaveLength(100)
  })

  test('whatever is sent, it is applied or refused, and nothing else is changed', () => {
    const name = fc.constantFrom('a', 'b', 'c', '0', '1', '-', 'd~1e', 'toString', 'length', '')
    const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => `/${names.join('/')}`)
    const operation = fc.oneof(
      fc.record({
        op: fc.constantFrom('add', 'replace', 'test'),
        path,
        value: fc.jsonValue({ maxDepth: 1 }),
      }),
      fc.record({ op: fc.constant('remove'), path }),
      fc.record({ op: fc.constantFrom('move', 'copy'), path, from: path }),
    )
    fc.assert(
      fc.property(fc.array(operation, { minLength: 1, maxLength: 8 }), (operations) => {
        const before = JSON.stringify(document)
        const result = apply(...operations)
        expect(typeof result).toBe('object')
        expect(JSON.stringify(document)).toBe(before)
        expect(Object.keys({})).toEqual([])
        expect(Reflect.ownKeys(Object.prototype)).not.toContain('a')
      }),
      { numRuns: 500 },
    )
  })
})
