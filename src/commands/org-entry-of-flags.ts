/** The flags of `sluse org` as the entry of a registry file that they stand for, which is then read like one. */
import { type OrganizationEntry, placeOfFlag, readRegistryFile } from './registry/registry-file.ts'
import type { ChangeOptions } from './registry/run.ts'

export interface OrganizationFlags extends ChangeOptions {
  readonly id?: string
  readonly file?: string
  readonly name?: string
  readonly sector?: string
  readonly jurisdiction?: string
  readonly timeZone?: string
  readonly unitType?: string
  readonly sor?: readonly string[]
  readonly gln?: readonly string[]
  readonly ydernummer?: readonly string[]
  readonly kommunekode?: readonly string[]
  readonly cvr?: readonly string[]
  readonly herId?: readonly string[]
  readonly resh?: readonly string[]
  readonly orgnr?: readonly string[]
  readonly partOf?: string
  readonly sensitivities?: readonly string[]
  readonly endpoints?: readonly string[]
  readonly nationalIdSystems?: readonly string[]
}

export function organizationEntryOfFlags(flags: OrganizationFlags): OrganizationEntry {
  const { as: _as, dryRun: _dryRun, file: _file, ...fields } = flags
  const { sor, gln, ydernummer, kommunekode, cvr, herId, resh, orgnr, partOf, ...rest } = fields
  const numbers = given({ sor, gln, ydernummer, kommunekode, cvr, herId, resh, orgnr })
  const entry = {
    ...rest,
    ...given({
      sensitivities: noneOf(rest.sensitivities),
      endpoints: noneOf(rest.endpoints),
      nationalIdSystems: noneOf(rest.nationalIdSystems),
    }),
    ...(Object.keys(numbers).length > 0 ? { identifiers: numbers } : {}),
    ...(partOf === undefined ? {} : { partOf: partOf === 'none' ? null : partOf }),
  }
  const [read] = readRegistryFile({ organizations: [entry] }, placeOfFlag).organizations ?? []
  return read ?? {}
}

/** What is left out must not stand in the entry at all. Of a number, `none` is no number any more. */
function given(
  fields: Readonly<Record<string, readonly string[] | undefined>>,
): Record<string, readonly string[]> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, values]) => (values ? [[name, noneOf(values) ?? []]] : [])),
  )
}

/** A flag needs a value: the word for an empty list. */
function noneOf(values: readonly string[] | undefined): readonly string[] | undefined {
  return values?.length === 1 && values[0] === 'none' ? [] : values
}
