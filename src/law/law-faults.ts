/** Faults of the law files that their schema cannot see: what they say of each other and of the unit types. */
import { type Among, type Field, fieldsOf, type LawEffect, type LawFile, type LawRule } from './law-rule.ts'
import { twice } from './unit-type-faults.ts'
import type { UnitTypesFile } from './unit-types.ts'

export function faultsOfLaws(laws: readonly LawFile[], { unitTypes }: UnitTypesFile): readonly string[] {
  const types = new Set(unitTypes.map(({ code }) => code))
  const jurisdictions = laws.map(({ jurisdiction }) => jurisdiction)
  return [
    ...(['DK', 'NO'] as const)
      .filter((country) => !jurisdictions.includes(country))
      .map((country) => `no file is of ${country}`),
    ...twice(jurisdictions).map((country) => `two files are of ${country}`),
    ...twice(laws.flatMap(({ rules }) => rules.map(({ id }) => id))).map((id) => `two rules are ${id}`),
    ...laws.flatMap(faultsOfLaw),
    ...laws.flatMap(({ rules }) => rules.flatMap((rule) => unknownTypes(rule, types))),
  ]
}

function faultsOfLaw(law: LawFile): readonly string[] {
  const { jurisdiction, rules, unitTypeRule } = law
  return [
    ...rules
      .filter(({ id }) => !id.startsWith(`${jurisdiction}-`))
      .map(({ id }) => `${id} stands in the file of ${jurisdiction}`),
    ...rules
      .filter(({ validFrom, validTo }) => validTo !== undefined && validTo < validFrom)
      .map(({ id }) => `${id} ends before it begins`),
    ...(jurisdiction === 'EU' ? effectsOfUnion(rules) : faultsOfCountry(law, jurisdiction)),
    ...(jurisdiction === 'EU' || rules.some(({ id }) => id === unitTypeRule)
      ? []
      : [`unitTypeRule of ${jurisdiction} names no rule of the file`]),
  ]
}

/** A frame is of one country, so that nobody would apply them. */
function effectsOfUnion(rules: readonly LawRule[]): readonly string[] {
  return rules.filter(({ effects }) => effects).map(({ id }) => `${id} is of the union and has effects`)
}

function faultsOfCountry({ rules }: LawFile, jurisdiction: 'DK' | 'NO'): readonly string[] {
  const fields = fieldsOf[jurisdiction]
  const foreign = rules.flatMap(({ id, effects = [] }) =>
    effects
      .flatMap(namedFields)
      .filter((field) => !fields.includes(field))
      .map((field) => `${id} speaks of \`${field}\`, which ${jurisdiction} does not have`),
  )
  const ages = rules.filter(
    ({ status, effects }) => status === 'on' && effects?.some(({ kind }) => kind === 'age'),
  )
  const overlaps = ages.flatMap((one, index) =>
    ages
      .slice(index + 1)
      .filter((other) => overlap(one, other))
      .map((other) => `${one.id} and ${other.id} set an age for the same day`),
  )
  return [...foreign, ...overlaps]
}

function namedFields(effect: LawEffect): readonly Field[] {
  if (effect.kind === 'consent') return [effect.to, ...(effect.from === undefined ? [] : [effect.from])]
  return effect.kind === 'statutory' ? [effect.from, effect.to].flatMap(({ field }) => field ?? []) : []
}

function overlap(one: LawRule, other: LawRule): boolean {
  const [earlier, later] = one.validFrom <= other.validFrom ? [one, other] : [other, one]
  return earlier.validTo === undefined || later.validFrom <= earlier.validTo
}

function unknownTypes({ id, effects = [] }: LawRule, types: ReadonlySet<string>): readonly string[] {
  return effects
    .flatMap((effect): readonly Among[] => (effect.kind === 'statutory' ? [effect.from, effect.to] : []))
    .flatMap(({ unitTypes = [] }) => unitTypes)
    .filter((type) => !types.has(type))
    .map((type) => `${id} names unit type \`${type}\`, which is not there`)
}
