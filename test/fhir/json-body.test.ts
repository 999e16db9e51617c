import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { GatewayError } from '#fhir/gateway-error.ts'
import { parseJsonBody } from '#fhir/json-body.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

const refusedAt = (input: Uint8Array): { code: string; text: string } => {
  try {
    parseJsonBody(input)
  } catch (error) {
    if (error instanceof GatewayError) return { code: error.code, text: error.faults[0].text }
    throw error
  }
  throw new Error('the body was accepted')
}

const nested = (depth: number): string => '[ '.repeat(depth) + '] '.repeat(depth)

const where = (what: string, line: number, column: number): string =>
  `${what} in the JSON at line ${line}, column ${column}: correct it and send again`

describe('a body that is not one plain JSON document is refused, with the place and without its content', () => {
  test.each([
    { title: 'nothing', body: '', code: 'body-empty', text: 'the body is empty: send one JSON document' },
    {
      title: 'blanks',
      body: ' \r\n\t',
      code: 'body-empty',
      text: 'the body is empty: send one JSON document',
    },
    {
      title: 'a byte order mark alone',
      body: '\uFEFF',
      code: 'body-empty',
      text: 'the body is empty: send one JSON document',
    },
    { title: 'a cut document', body: '{"a": 1', code: 'body-malformed', text: where('a syntax error', 1, 8) },
    {
      title: 'a trailing comma',
      body: '{"a": 1,\n}',
      code: 'body-malformed',
      text: where('a syntax error', 2, 1),
    },
    { title: 'a comment', body: '// a\n{}', code: 'body-malformed', text: where('a syntax error', 1, 1) },
    { title: 'two documents', body: '{} {}', code: 'body-malformed', text: where('a syntax error', 1, 4) },
    {
      title: 'an open string',
      body: '{"a": "b',
      code: 'body-malformed',
      text: where('a syntax error', 1, 7),
    },
    {
      title: 'a repeated key',
      body: '{"a": 1,\n "a": 1}',
      code: 'body-malformed',
      text: where('a repeated key', 2, 2),
    },
    {
      title: 'a repeated key, once escaped',
      body: '{"a":1,"\\u0061":2}',
      code: 'body-malformed',
      text: where('a repeated key', 1, 8),
    },
    {
      title: 'a repeated key in a list',
      body: '[{"b":1,"c":[{"d":1,"d":2}]}]',
      code: 'body-malformed',
      text: where('a repeated key', 1, 21),
    },
    {
      title: '__proto__',
      body: '{"__proto__": {}}',
      code: 'body-malformed',
      text: where('a reserved key', 1, 2),
    },
    {
      title: 'constructor',
      body: '[{"constructor": 1}]',
      code: 'body-malformed',
      text: where('a reserved key', 1, 3),
    },
    {
      title: 'prototype',
      body: '{"a":{"prototype":1}}',
      code: 'body-malformed',
      text: where('a reserved key', 1, 7),
    },
    {
      title: 'a lone surrogate',
      body: '{"a":"\\ud83d"}',
      code: 'body-malformed',
      text: where('a lone surrogate or NUL', 1, 6),
    },
    {
      title: 'a lone surrogate in a key',
      body: '{"\\udc00":1}',
      code: 'body-malformed',
      text: where('a lone surrogate or NUL', 1, 2),
    },
    {
      title: 'NUL in a string',
      body: '{"a":"x\\u0000"}',
      code: 'body-malformed',
      text: where('a lone surrogate or NUL', 1, 6),
    },
    {
      title: 'a number beyond double',
      body: '{"a": 1e999}',
      code: 'body-malformed',
      text: where('a number too large', 1, 7),
    },
    {
      title: 'a number of 17 digits that would be rounded',
      body: '{"a": 0.12345678901234567}',
      code: 'body-malformed',
      text: where('a number of more digits than are kept', 1, 7),
    },
    {
      title: 'an integer beyond those that a double tells apart',
      body: '[1, -9007199254740993]',
      code: 'body-malformed',
      text: where('a number of more digits than are kept', 1, 5),
    },
    {
      title: 'a number that would become nothing',
      body: '{"a": 1e-400}',
      code: 'body-malformed',
      text: where('a number of more digits than are kept', 1, 7),
    },
    {
      title: '100,000 levels, in the second line',
      body: `{"a":\n${'['.repeat(100_000)}`,
      code: 'body-malformed',
      text: where('nesting deeper than 64 levels', 2, 64),
    },
    {
      title: '65 levels',
      body: nested(65),
      code: 'body-malformed',
      text: where('nesting deeper than 64 levels', 1, 129),
    },
  ])('$title', ({ body, code, text }) => {
    expect(refusedAt(bytes(body))).toEqual({ code, text })
  })

  test('bytes that are not UTF-8', () => {
    expect(refusedAt(new Uint8Array([0x7b, 0x22, 0xe6, 0x22, 0x7d]))).toEqual({
      code: 'body-malformed',
      text: 'the body is not UTF-8: send JSON in UTF-8',
    })
  })
})

test.each([
  ['a byte order mark', '\uFEFF{"a":1}', { a: 1 }],
  ['64 levels', '['.repeat(64) + ']'.repeat(64), JSON.parse('['.repeat(64) + ']'.repeat(64))],
  ['the same key in two objects', '[{"a":1},{"a":2}]', [{ a: 1 }, { a: 2 }]],
  ['colons, braces and quotes in strings', '{"a":"x:{[\\"\\\\","b\\"":":"}', { a: 'x:{["\\', 'b"': ':' }],
  ['an escaped quote before a colon', '{"a":"\\":"}', { a: '":' }],
  ['an escaped backslash at the end', '{"a":"\\\\","b":1}', { a: '\\', b: 1 }],
  [
    'a decimal that a double keeps',
    '[0.1234567890123456,1.00,-1.5e-7,1E3]',
    [0.1234567890123456, 1, -1.5e-7, 1000],
  ],
  [
    'integers of any length that a double keeps',
    '[9007199254740992,1000000000000000000000]',
    [2 ** 53, 1e21],
  ],
  [
    'digits in strings',
    '["0.12345678901234567","9007199254740993"]',
    ['0.12345678901234567', '9007199254740993'],
  ],
  ['a pair of surrogates', '{"a":"\\ud83d\\ude00"}', { a: '😀' }],
])('%s is accepted', (_title, body, want) => {
  expect(parseJsonBody(bytes(body))).toEqual(want)
})

test('every JSON value of ordinary keys reads as JSON.parse reads it', () => {
  const value = fc.jsonValue({ noUnicodeString: false, maxDepth: 8 })
  fc.assert(
    fc.property(value, fc.integer({ min: 0, max: 2 }), (json, indent) => {
      const text = JSON.stringify(json, null, indent)
      fc.pre(!/__proto__|constructor|prototype|\\u0000/.test(text))
      expect(parseJsonBody(bytes(text))).toEqual(JSON.parse(text))
    }),
  )
})

test('whatever the bytes, the only error is a GatewayError, and it repeats nothing of them', () => {
  const marked = fc.tuple(
    fc.string(),
    fc.constantFrom('"2509479989"', '{"2509479989":', '2509479989'),
    fc.string(),
  )
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array(),
        marked.map((parts) => bytes(parts.join(''))),
      ),
      (input) => {
        try {
          parseJsonBody(input)
        } catch (error) {
          expect(error).toBeInstanceOf(GatewayError)
          expect(JSON.stringify(error instanceof GatewayError ? error.faults : [])).not.toContain('250947')
        }
      },
    ),
  )
})
