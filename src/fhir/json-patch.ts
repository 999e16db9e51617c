/**
 * JSON Patch, https://www.rfc-editor.org/rfc/rfc6902, as @medplum/core applies it, behind the checks that it leaves out: it writes
 * beyond the end of a list, takes any name for an index, and lets a value be moved into itself.
 */
import { applyPatch } from '@medplum/core'
import { describeCode, GatewayError } from './gateway-error.ts'

const OPERATIONS = ['add', 'remove', 'replace', 'move', 'copy', 'test'] as const

export type PatchOperation =
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string }
  | { readonly op: 'move' | 'copy'; readonly path: string; readonly from: string }

/** Each is applied to the whole resource. */
const MAX_OPERATIONS = 100
/** As many as a body may have: copies of copies would double it with each operation. */
const MAX_VALUES = 50_000
/** Of names and texts, as a body may have: else small patches would make what no reader can take. */
const MAX_CHARS = 2 * 1024 * 1024
const POINTER = /^(?:\/(?:[^~/]|~[01])*){1,64}$/

/** @throws GatewayError with the JSON pointer of what is wrong, before anything is looked up. */
export function readPatch(body: unknown): readonly PatchOperation[] {
  if (!Array.isArray(body) || body.length === 0)
    throw malformed(
      'send a list of operations, such as `[{ "op": "replace", "path": "/status", "value": "completed" }]`',
    )
  if (body.length > MAX_OPERATIONS)
    throw malformed(`at most ${MAX_OPERATIONS} operations are applied at once`)
  return body.map((each: unknown, index) => readOperation(each, `/${index}`))
}

function readOperation(value: unknown, place: string): PatchOperation {
  if (!isObject(value)) throw malformed('an operation is an object with `op` and `path`', place)
  const { op, path, from, value: operand } = value
  const name = OPERATIONS.find((known) => known === op)
  if (!name) throw malformed(`found ${describeCode(op)}; known are ${OPERATIONS.join(', ')}`, `${place}/op`)
  const target = readPointer(path, `${place}/path`)
  if (name === 'move' || name === 'copy')
    return { op: name, path: target, from: readPointer(from, `${place}/from`) }
  if (name === 'remove') return { op: name, path: target }
  if (!Object.hasOwn(value, 'value')) throw malformed(`\`${name}\` needs a \`value\``, place)
  return { op: name, path: target, value: operand }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function readPointer(value: unknown, place: string): string {
  const isPointer = typeof value === 'string' && POINTER.test(value)
  if (!isPointer || namesIn(value).some(isInherited))
    throw malformed(
      'write a JSON pointer to an element, such as `/activity/0/detail/status`; the whole is replaced by a PUT',
      place,
    )
  return value
}

/** A copy with the operations applied, in order, all or none. */
export function patched(document: object, operations: readonly PatchOperation[]): unknown {
  const copy: unknown = structuredClone(document)
  for (const [index, operation] of operations.entries()) {
    const why = whyNot(copy, operation)
    if (why !== undefined) throw failed(why, `/${index}`)
    const [error] = applyPatch(copy, [structuredClone(operation)])
    if (error)
      throw failed(
        operation.op === 'test' ? 'the value there is another' : 'it cannot be applied',
        `/${index}`,
      )
    if (operation.op === 'copy') refuseLarge(copy, index)
  }
  refuseLarge(copy, operations.length - 1)
  return copy
}

/** https://www.rfc-editor.org/rfc/rfc6902#section-4: what must be there, and where something may be put. */
function whyNot(document: unknown, operation: PatchOperation): string | undefined {
  const { op, path } = operation
  if ('from' in operation) {
    const { from } = operation
    if (!isThere(document, from)) return 'there is nothing at `from`'
    if (op === 'move' && path.startsWith(`${from}/`)) return 'a value cannot be moved into itself'
  }
  const puts = op === 'add' || op === 'move' || op === 'copy'
  if (!puts) return isThere(document, path) ? undefined : 'there is nothing at `path`'
  return mayPut(document, path) ? undefined : 'there is no place for it at `path`'
}

function isThere(document: unknown, pointer: string): boolean {
  const names = namesIn(pointer)
  const parent = at(document, names.slice(0, -1))
  return has(parent, names.at(-1) ?? '')
}

function mayPut(document: unknown, pointer: string): boolean {
  const names = namesIn(pointer)
  const parent = at(document, names.slice(0, -1))
  const name = names.at(-1) ?? ''
  if (Array.isArray(parent)) return name === '-' || (isIndex(name) && Number(name) <= parent.length)
  return typeof parent === 'object' && parent !== null
}

function at(value: unknown, names: readonly string[]): unknown {
  let found = value
  for (const name of names) {
    if (!has(found, name)) return undefined
    found = Reflect.get(found, name)
  }
  return found
}

/** No element of FHIR has such a name, and every object has them already. */
function isInherited(name: string): boolean {
  return name === 'prototype' || name in Object.prototype
}

function has(value: unknown, name: string): value is object {
  if (Array.isArray(value)) return isIndex(name) && Number(name) < value.length
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
}

function isIndex(name: string): boolean {
  return /^(?:0|[1-9]\d{0,8})$/.test(name)
}

function namesIn(pointer: string): string[] {
  return pointer
    .slice(1)
    .split('/')
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'))
}

function refuseLarge(document: unknown, index: number): void {
  const { values, chars } = sizeOf(document)
  if (values > MAX_VALUES) throw failed(`the resource would have more than ${MAX_VALUES} values`, `/${index}`)
  if (chars > MAX_CHARS)
    throw failed(`the resource would have more than ${MAX_CHARS} characters`, `/${index}`)
}

/** Not counted to the end when it is too large. */
function sizeOf(document: unknown): { readonly values: number; readonly chars: number } {
  const waiting = [document]
  let [values, chars] = [0, 0]
  while (waiting.length > 0 && values <= MAX_VALUES && chars <= MAX_CHARS) {
    const value = waiting.pop()
    values += 1
    if (typeof value === 'string') chars += value.length
    if (typeof value !== 'object' || value === null) continue
    for (const [name, child] of Object.entries(value) as [string, unknown][]) {
      if (!Array.isArray(value)) chars += name.length
      waiting.push(child)
    }
  }
  return { values, chars }
}

function malformed(text: string, expression?: string): GatewayError {
  return new GatewayError({
    code: 'patch-malformed',
    text,
    ...(expression === undefined ? {} : { expression }),
  })
}

function failed(text: string, expression: string): GatewayError {
  return new GatewayError({
    code: 'patch-failed',
    expression,
    text: `${text}, so nothing was changed: read the resource and make the patch from what it is now`,
  })
}
