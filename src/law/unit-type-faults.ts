/** Faults of `unit-types.json` that its schema cannot see. */
import type { UnitTypesFile } from './unit-types.ts'

export function faultsOfUnitTypes({ unitTypes, codings, registers }: UnitTypesFile): readonly string[] {
  const codes = unitTypes.map(({ code }) => code)
  const known = new Set(codes)
  const named = [
    ...unitTypes.flatMap(({ broader }) => broader ?? []),
    ...codings.flatMap(({ unitType }) => unitType ?? []),
    ...registers.flatMap(({ unitType }) => unitType ?? []),
  ]
  return [
    ...twice(codes).map((code) => `unit type \`${code}\` stands there twice`),
    ...[...new Set(named)]
      .filter((code) => !known.has(code))
      .map((code) => `unit type \`${code}\` is named, and not there`),
    ...twice(codings.map(({ system, code }) => `${system}|${code}`)).map(
      (coding) => `\`${coding}\` stands there twice`,
    ),
    ...unitTypes.filter(isOwnAncestor(unitTypes)).map(({ code }) => `\`${code}\` is broader than itself`),
  ]
}

export function twice(values: readonly string[]): readonly string[] {
  return [...new Set(values.filter((value, index) => values.indexOf(value) !== index))]
}

function isOwnAncestor(all: UnitTypesFile['unitTypes']): (unitType: { readonly code: string }) => boolean {
  const broaderOf = new Map(all.map(({ code, broader }) => [code, broader]))
  return ({ code }) => {
    const seen = new Set<string>()
    for (let at = broaderOf.get(code); at !== undefined && !seen.has(at); at = broaderOf.get(at)) seen.add(at)
    return seen.has(code)
  }
}
