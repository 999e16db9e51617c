/** The flags of `sluse org` as the entry of a registry file that they stand for, which is then read like one. */
import type { OrganizationFlags } from './org.ts'
import { type OrganizationEntry, placeOfFlag, readRegistryFile } from './registry/registry-file.ts'

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
