import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ConceptMap } from '@medplum/fhirtypes'
import type { MappingAssets } from '#mapping/mapping-assets.ts'
import type { RecordSchema } from '#mapping/record-schema.ts'

/** Reads `mappings/` once: `*.map` with its `*.record.json`, and `*.conceptmap.json`. `mappings/codes/` is the labels'. */
export function readMappings(root: URL | string): MappingAssets {
  const folder = typeof root === 'string' ? root : fileURLToPath(root)
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((file) => file.split(path.sep).join('/'))
    .filter((file) => !file.startsWith('codes/'))
    .sort()
  const read = (file: string): string => readFileSync(path.join(folder, file), 'utf8')
  return {
    maps: named(files, '.map').map(({ name, file }) => ({
      name,
      text: read(file),
      recordSchema: checked(`${name}.record.json`, read, isRecordSchema),
    })),
    conceptMaps: named(files, '.conceptmap.json').map(({ name, file }) => ({
      name,
      conceptMap: checked(file, read, isConceptMap),
    })),
  }
}

function named(files: readonly string[], ending: string): { name: string; file: string }[] {
  return files
    .filter((file) => file.endsWith(ending))
    .map((file) => ({ file, name: file.slice(0, -ending.length) }))
}

function checked<Shape extends object>(
  file: string,
  read: (file: string) => string,
  isShape: (value: object) => value is Shape,
): Shape {
  const value = parse(file, read)
  if (!isShape(value)) throw new Error(`mappings/${file} is not what its name says`)
  return value
}

function parse(file: string, read: (file: string) => string): object {
  let value: unknown
  try {
    value = JSON.parse(read(file))
  } catch (cause) {
    throw new Error(`mappings/${file} is missing or is not JSON: each map has a \`.record.json\` beside it`, {
      cause,
    })
  }
  if (typeof value !== 'object' || value === null) throw new Error(`mappings/${file} is no JSON object`)
  return value
}

/** All of its properties are optional; what it says is held against the parsers' output by test/adapters. */
function isRecordSchema(value: object): value is RecordSchema {
  return 'properties' in value
}

/** The lint looks into the rest. */
function isConceptMap(value: object): value is ConceptMap {
  return 'resourceType' in value && value.resourceType === 'ConceptMap'
}
