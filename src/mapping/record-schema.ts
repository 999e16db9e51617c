import type { SourceRecord, SourceValue } from './source-record.ts'

/**
 * The part of JSON Schema by which a SourceRecord is described (https://json-schema.org/draft/2020-12): objects with
 * named properties, lists of them, plain values, and `$ref` into the schema's own `$defs`.
 */
export interface RecordSchema {
  readonly $schema?: string
  readonly $comment?: string
  readonly $ref?: string
  readonly $defs?: Readonly<Record<string, RecordSchema>>
  readonly type?: 'object' | 'array' | 'string' | 'boolean' | 'integer'
  readonly description?: string
  readonly properties?: Readonly<Record<string, RecordSchema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: false
  readonly items?: RecordSchema
  readonly minItems?: number
  readonly minLength?: number
}

/** A place in a record: the schema of what stands there, and the root that its `$ref`s point into. */
export interface RecordPlace {
  readonly schema: RecordSchema
  readonly root: RecordSchema
}

/** The element of that name; a list is stepped into, as the engine does. */
export function recordElement(
  place: RecordPlace,
  name: string,
): (RecordPlace & { isList: boolean }) | undefined {
  const properties = place.schema.properties
  const found = properties && Object.hasOwn(properties, name) ? properties[name] : undefined
  if (!found) return undefined
  const schema = dereference(found, place.root)
  return schema.items
    ? { schema: dereference(schema.items, place.root), root: place.root, isList: true }
    : { schema, root: place.root, isList: false }
}

/**
 * The record with every element of its schema, absent ones as `undefined`, and no other. The engine takes an absent
 * element for a choice type and looks for `planId` where a map says `plan`; that is wrong, and most of its time.
 */
export function completeRecord(record: SourceRecord, place: RecordPlace): Record<string, unknown> {
  const properties = Object.entries(place.schema.properties ?? {})
  return Object.fromEntries(
    properties.map(([name, schema]) => [name, completed(record[name], schema, place.root)]),
  )
}

function completed(value: SourceValue | undefined, schema: RecordSchema, root: RecordSchema): unknown {
  if (typeof value !== 'object') return value
  const own = dereference(schema, root)
  if (Array.isArray(value))
    return own.items ? value.map((item) => completed(item, own.items ?? {}, root)) : value
  return isRecord(value) ? completeRecord(value, { schema: own, root }) : value
}

/** Array.isArray alone does not narrow a readonly list away. */
function isRecord(value: SourceValue): value is SourceRecord {
  return typeof value === 'object' && !Array.isArray(value)
}

function dereference(schema: RecordSchema, root: RecordSchema): RecordSchema {
  const name = schema.$ref?.replace(/^#\/\$defs\//, '')
  if (name === undefined) return schema
  return root.$defs?.[name] ?? {}
}
