/** Reads what stands in `mappings/law`. A fault in it stops the start: law that is lost is data let out. */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import lawSchema from './law-file.schema.json' with { type: 'json' }
import { faultsOfLaws } from './law-faults.ts'
import type { LawFile } from './law-rule.ts'
import { faultsOfUnitTypes } from './unit-type-faults.ts'
import unitTypesSchema from './unit-types.schema.json' with { type: 'json' }
import type { UnitTypesFile } from './unit-types.ts'

/** A file of `mappings/law` by its name, parsed as JSON. */
export interface NamedFile {
  readonly name: string
  readonly content: unknown
}

export interface LawFiles {
  readonly laws: readonly LawFile[]
  readonly unitTypes: UnitTypesFile
}

export const UNIT_TYPES = 'unit-types.json'

const ajv = new Ajv2020({ allErrors: true, discriminator: true, strictRequired: false, verbose: true })
ajv.addFormat('day', isDay)
const isLawFile = ajv.compile<LawFile>(lawSchema)
const isUnitTypesFile = ajv.compile<UnitTypesFile>(unitTypesSchema)

/** @throws with a line for each fault. */
export function parseLawFiles(files: readonly NamedFile[]): LawFiles {
  const [read, faults] = readLawFiles(files)
  if (!read || faults.length > 0) throw new Error(faults.join('\n'))
  return read
}

/** A line for each fault: the file, the place in it, and what must be there. */
export function lintLawFiles(files: readonly NamedFile[]): readonly string[] {
  return readLawFiles(files)[1]
}

function readLawFiles(files: readonly NamedFile[]): readonly [LawFiles | undefined, readonly string[]] {
  const faults: string[] = []
  const laws: LawFile[] = []
  let unitTypes: UnitTypesFile | undefined
  for (const { name, content } of files) {
    if (name === UNIT_TYPES) {
      if (isUnitTypesFile(content)) unitTypes = content
      else faults.push(...schemaFaults(name, isUnitTypesFile))
    } else if (isLawFile(content)) laws.push(content)
    else faults.push(...schemaFaults(name, isLawFile))
  }
  if (!files.some(({ name }) => name === UNIT_TYPES)) faults.push(`mappings/law/${UNIT_TYPES} is missing`)
  // What the files mean together can only be told of files that have the right form.
  if (!unitTypes || faults.length > 0) return [undefined, faults]
  const found = [...faultsOfUnitTypes(unitTypes), ...faultsOfLaws(laws, unitTypes)]
  return [{ laws, unitTypes }, found.map((fault) => `mappings/law: ${fault}`)]
}

function schemaFaults(name: string, { errors }: ValidateFunction): readonly string[] {
  return (errors ?? [])
    .filter(({ keyword }) => keyword !== 'if')
    .map(({ instancePath, message = 'is not valid', params }) => {
      // Of a discriminator's parameters `error` says only how ajv failed.
      const { error: _, ...named }: Readonly<Record<string, unknown>> = params
      const texts = Object.values(named)
        .flat()
        .filter((value) => typeof value === 'string')
      return `mappings/law/${name} ${instancePath || '/'} ${message}${texts.length > 0 ? ` (${texts.join(', ')})` : ''}`
    })
}

/** A day of the calendar. */
function isDay(value: string): boolean {
  const midnight = new Date(`${value}T00:00:00Z`)
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().slice(0, 10) === value
}
