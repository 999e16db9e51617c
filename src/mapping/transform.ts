import { isResource, structureMapTransform } from '@medplum/core'
import type { Resource } from '@medplum/fhirtypes'
import { GatewayError, describeCode } from '#fhir/gateway-error.ts'
import type { CompiledMap, CompiledMaps } from './compile.ts'
import { completeRecord } from './record-schema.ts'
import type { SourceFields, SourceRecord, SourceValue } from './source-record.ts'

/**
 * Runs one map over one record. The resource shares nothing with the record, has no `subject`, and is not validated
 * yet. A code that no concept map has is refused as `code-unknown`; `fields` names it as its sender knows it.
 */
export function transform(
  maps: CompiledMaps,
  mapName: string,
  record: SourceRecord,
  fields: SourceFields = {},
): Resource {
  const map = maps.maps.get(mapName)
  if (!map) throw new Error(`there is no map \`${mapName}\` in mappings/`)
  const value = completeRecord(record, { schema: map.recordSchema, root: map.recordSchema })
  const [made] = structureMapTransform(map.structureMap, [{ type: 'SourceRecord', value }], maps.collection)
  const resource = copyOf(made?.value, '', (path) => unknownCode(path, map, record, fields))
  if (!isResource(resource)) throw new Error(`the map \`${mapName}\` sets no \`resourceType\``)
  return resource
}

/**
 * A copy, since the engine hands on the record's own objects. An own key with `undefined` is how the engine leaves a
 * code that it could not translate: in JSON it would vanish without a word.
 */
function copyOf(value: unknown, path: string, unmapped: (path: string) => GatewayError): unknown {
  if (value === undefined) throw unmapped(path)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((item, at) => copyOf(item, `${path}[${at}]`, unmapped))
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => [
      key,
      copyOf(child, path === '' ? key : `${path}.${key}`, unmapped),
    ]),
  )
}

function unknownCode(
  path: string,
  map: CompiledMap,
  record: SourceRecord,
  fields: SourceFields,
): GatewayError {
  const type = map.structureMap.group[0]?.input[1]?.type ?? ''
  const target = `${type}.${path}`
  const plain = target.replace(/\[\d+\]/g, '')
  const source = map.translations.find((translation) => translation.target === plain)?.source
  const code = source === undefined ? undefined : valueAt(record, source)
  return new GatewayError({
    code: 'code-unknown',
    text: `${code === undefined ? 'the code' : describeCode(code)} is in no row of the concept map for \`${plain}\`: send a code of the map, or have it added`,
    expression: (source === undefined ? undefined : fields[source]) ?? target,
  })
}

/** Undefined where a list stands on the way: which item it was is not known here. */
function valueAt(record: SourceRecord, path: string): SourceValue | undefined {
  let value: SourceValue | undefined = record
  for (const step of path.split('.')) {
    if (typeof value !== 'object' || Array.isArray(value)) return undefined
    value = Object.entries(value).find(([key]) => key === step)?.[1]
  }
  return typeof value === 'object' ? undefined : value
}
