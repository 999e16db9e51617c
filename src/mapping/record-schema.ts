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

function dereference(schema: RecordSchema, root: RecordSchema): RecordSchema {
  const name = schema.$ref?.replace(/^#\/\$defs\//, '')
  if (name === undefined) return schema
  return root.$defs?.[name] ?? {}
}
