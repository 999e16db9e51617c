/** Reads a residual list that somebody else wrote: PCF writes both `deny` and `forbid`. https://profiles.ihe.net/ITI/PCF/other.html */
import { type Fields, isFields } from './element-reader.ts'
import type { ResidualEntry } from './residual.ts'

/** Undefined when any of it is not understood: an entry that is passed over may be the one that forbids. */
export function readResidual(list: unknown): readonly ResidualEntry[] | undefined {
  if (!Array.isArray(list)) return undefined
  const entries = list.map((entry: unknown) => (isFields(entry) ? readEntry(entry) : undefined))
  return entries.every((entry) => entry !== undefined) ? entries : undefined
}

const types: ReadonlyMap<unknown, ResidualEntry['type']> = new Map([
  ['forbid', 'forbid'],
  ['deny', 'forbid'],
  ['permit', 'permit'],
])

function readEntry({ type: word, ...elements }: Fields): ResidualEntry | undefined {
  const type = types.get(word)
  const isUnderstood = type !== undefined && hasElements(elements)
  return isUnderstood ? { type, ...elements } : undefined
}

type Elements = Omit<ResidualEntry, 'type'>

function hasElements(elements: Fields): elements is Fields & Elements {
  return Object.entries(elements).every(([name, value]) => readers.get(name)?.(value) ?? false)
}

const readers: ReadonlyMap<string, (value: unknown) => boolean> = new Map([
  ['securityLabel', listOf(isFullCode)],
  ['dataPeriod', isPeriod],
  ['data', listOf(isData)],
  ['class', listOf(isFullCode)],
  ['code', listOf(isConcept)],
])

function listOf(isItem: (item: Fields) => boolean): (value: unknown) => boolean {
  return (value) =>
    Array.isArray(value) && value.length > 0 && value.every((item: unknown) => isFields(item) && isItem(item))
}

function isFullCode({ system, code }: Fields): boolean {
  return typeof system === 'string' && typeof code === 'string'
}

function isConcept({ coding }: Fields): boolean {
  return listOf(isFullCode)(coding)
}

function isPeriod(value: unknown): boolean {
  if (!isFields(value)) return false
  const bounds = Object.entries(value)
  return (
    bounds.length > 0 && bounds.every(([name, at]) => /^(?:start|end)$/.test(name) && typeof at === 'string')
  )
}

const meanings: ReadonlySet<unknown> = new Set(['instance', 'related', 'dependents', 'authoredby'])

function isData({ meaning, reference }: Fields): boolean {
  if (!meanings.has(meaning) || !isFields(reference)) return false
  const { reference: target, identifier } = reference
  return typeof target === 'string' || (isFields(identifier) && typeof identifier['value'] === 'string')
}
