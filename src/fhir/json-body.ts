import { visit } from 'jsonc-parser'
import { GatewayError } from './gateway-error.ts'

/** Deeper than any FHIR resource needs, far below where JSON.stringify or structuredClone overflow the stack. */
const MAX_DEPTH = 64

/**
 * Every value costs time to validate and to label, and 2 MB of the smallest would take seconds of it. A record of our
 * sectors has some hundreds, the longest list of diagnoses some thousands.
 */
const MAX_VALUES = 50_000

/** Names that change an object's prototype when a later copy assigns them. */
const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

/**
 * Reads a request body as JSON, more strictly than JSON.parse, so that two readers of one body cannot see two
 * different contents: https://www.rfc-editor.org/rfc/rfc7493 (I-JSON). A byte order mark is skipped.
 */
export function parseJsonBody(bytes: Uint8Array): unknown {
  const text = decode(bytes)
  if (text.trim() === '') {
    throw new GatewayError({ code: 'body-empty', text: 'the body is empty: send one JSON document' })
  }
  const shape = scan(text)
  if (shape.tooDeepAt !== undefined)
    throw faultAt(text, shape.tooDeepAt, `nesting deeper than ${MAX_DEPTH} levels`)
  if (shape.inexact) throw malformed(text)
  if (shape.values > MAX_VALUES) {
    throw new GatewayError({
      code: 'body-too-large',
      text: `the body has more than ${MAX_VALUES} values; send it in parts`,
    })
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw malformed(text, cause)
  }
  // JSON.parse keeps the last of two equal keys: then the tree has fewer keys than the text has colons.
  if (countKeys(value, text.includes('\\u')) !== shape.keys) throw malformed(text)
  return value
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new GatewayError(
      { code: 'body-malformed', text: 'the body is not UTF-8: send JSON in UTF-8' },
      { cause },
    )
  }
}

interface Shape {
  /** Where nesting goes beyond what is read. Looked for here alone: all other readers would go as deep on their stack. */
  readonly tooDeepAt: number | undefined
  readonly keys: number
  readonly values: number
  /** Whether a number would be stored as another one. */
  readonly inexact: boolean
}

/** What there is in a JSON text, without building anything; strings are skipped in one step each. */
function scan(text: string): Shape {
  let open = 0
  let inexact = false
  let tooDeepAt: number | undefined
  let keys = 0
  // Each value but the first of its list or object has a comma before it.
  let values = 1
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    // A digit: a number of this many characters may have more of them than a double keeps.
    if (unit >= 0x30 && unit <= 0x39) {
      const end = endOfNumber(text, at)
      inexact ||= !isKept(text.slice(at, end))
      at = end - 1
      continue
    }
    switch (unit) {
      case 0x22: // "
        at = endOfString(text, at)
        break
      case 0x3a: // :
        keys++
        break
      case 0x5b: // [
      case 0x7b: // {
        if (++open > MAX_DEPTH) tooDeepAt ??= at
        values++
        break
      case 0x2c: // ,
        values++
        break
      case 0x5d: // ]
      case 0x7d: // }
        open--
        break
      default:
    }
  }
  return { tooDeepAt, keys, values, inexact }
}

function endOfNumber(text: string, start: number): number {
  let at = start + 1
  while (isInNumber(text.charCodeAt(at))) at++
  return at
}

function isInNumber(unit: number): boolean {
  return (
    (unit >= 0x30 && unit <= 0x39) ||
    unit === 0x2e ||
    unit === 0x65 ||
    unit === 0x45 ||
    unit === 0x2b ||
    unit === 0x2d
  )
}

/** Any decimal of so many digits is another double than its neighbours, and is written again as it was. */
const EXACT_DIGITS = 15

/**
 * Whether a double has the number's own value: a dose that were rounded silently would be another dose. How many zeros it
 * ends with is not kept. https://hl7.org/fhir/R4/datatypes.html#decimal
 */
function isKept(number: string): boolean {
  if (number.length <= EXACT_DIGITS && !/e/i.test(number)) return true
  const value = Number(number)
  // What is no number, or too large, is said by those who look for it.
  return !Number.isFinite(value) || decimal(number) === decimal(String(value))
}

/** Digits and power of ten, in one form for equal values. */
function decimal(number: string): string {
  const [, whole = '', fraction = '', exponent = '0'] = /^(\d*)\.?(\d*)(?:e([+-]?\d+))?$/i.exec(number) ?? []
  const digits = `${whole}${fraction}`.replace(/^0+/, '')
  const significant = digits.replace(/0+$/, '')
  if (significant === '') return '0'
  return `${significant}e${Number(exponent) - fraction.length + digits.length - significant.length}`
}

function endOfString(text: string, start: number): number {
  let at = start
  do {
    at = text.indexOf('"', at + 1)
    if (at === -1) return text.length
  } while (isEscaped(text, at))
  return at
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0
  while (text.charCodeAt(at - 1 - backslashes) === 0x5c) backslashes++
  return backslashes % 2 === 1
}

/** The number of keys in the tree; -1 or less (never equal to a count) when a key or a value must not pass. */
function countKeys(value: unknown, hasEscapes: boolean): number {
  if (typeof value === 'string') return hasEscapes && !isPlainText(value) ? Number.NEGATIVE_INFINITY : 0
  if (typeof value === 'number') return Number.isFinite(value) ? 0 : Number.NEGATIVE_INFINITY
  if (typeof value !== 'object' || value === null) return 0
  let keys = 0
  if (Array.isArray(value)) {
    for (const item of value) keys += countKeys(item, hasEscapes)
    return keys
  }
  for (const [key, child] of Object.entries(value)) {
    if (FORBIDDEN_KEYS.has(key) || (hasEscapes && !isPlainText(key))) return Number.NEGATIVE_INFINITY
    keys += 1 + countKeys(child, hasEscapes)
  }
  return keys
}

/** Neither a lone surrogate nor NUL: the first has no UTF-8 form, PostgreSQL stores neither in jsonb. */
function isPlainText(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0')
}

function faultAt(text: string, offset: number, what: string): GatewayError {
  const before = text.slice(0, offset).split(/\r\n|[\r\n]/)
  const place = `line ${before.length}, column ${(before.at(-1) ?? '').length + 1}`
  return new GatewayError({
    code: 'body-malformed',
    text: `${what} in the JSON at ${place}: correct it and send again`,
  })
}

/** Reads the text once more, slowly, to say where the fault is; only a refused body pays for it. */
function malformed(text: string, cause?: unknown): GatewayError {
  const place = findFault(text) ?? placeInMessage(cause) ?? { what: 'a fault', line: 1, column: 1 }
  return new GatewayError(
    {
      code: 'body-malformed',
      text: `${place.what} in the JSON at line ${place.line}, column ${place.column}: correct it and send again`,
    },
    { cause },
  )
}

interface Place {
  readonly what: string
  readonly line: number
  readonly column: number
}

function findFault(text: string): Place | undefined {
  let first: Place | undefined
  const open: Set<string>[] = []
  const fault = (what: string, line: number, character: number): void => {
    first ??= { what, line: line + 1, column: character + 1 }
  }
  visit(
    text,
    {
      onObjectBegin: () => {
        open.push(new Set())
      },
      onObjectEnd: () => {
        open.pop()
      },
      onObjectProperty: (key, _offset, _length, line, character) => {
        if (FORBIDDEN_KEYS.has(key)) fault('a reserved key', line, character)
        else if (!isPlainText(key)) fault('a lone surrogate or NUL', line, character)
        else if (open.at(-1)?.has(key)) fault('a repeated key', line, character)
        open.at(-1)?.add(key)
      },
      onLiteralValue: (value: unknown, offset, length, line, character) => {
        if (typeof value === 'string' && !isPlainText(value))
          fault('a lone surrogate or NUL', line, character)
        if (typeof value !== 'number') return
        if (!Number.isFinite(value)) fault('a number too large', line, character)
        else if (!isKept(text.slice(offset, offset + length).replace(/^-/, '')))
          fault('a number of more digits than are kept', line, character)
      },
      onError: (_code, _offset, _length, line, character) => fault('a syntax error', line, character),
    },
    { disallowComments: true, allowTrailingComma: false },
  )
  return first
}

/** What V8's message says of the place; its quotation of the text is left out, since it may be patient data. */
function placeInMessage(cause: unknown): Place | undefined {
  const found = cause instanceof Error ? /\(line (\d+) column (\d+)\)/.exec(cause.message) : null
  return found ? { what: 'a syntax error', line: Number(found[1]), column: Number(found[2]) } : undefined
}
