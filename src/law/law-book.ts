/** The rules of `mappings/law`, compiled once at the start: what is off is not in it, nor is a basis that nobody switched on. */
import type { LawFiles } from './law-files.ts'
import type { LawEffect, LawFile, LawRule } from './law-rule.ts'
import type { Jurisdiction, LawRuleId } from './legal-frame.ts'
import type { UnitType, UnitTypesFile } from './unit-types.ts'

/** One country's rules that are on and have an effect. */
export interface Law {
  readonly unitTypeRule: LawRuleId
  readonly denyCoversParents: boolean
  readonly rules: readonly (LawRule & { readonly effects: readonly LawEffect[] })[]
}

export interface LawBook {
  /** Changes with every change of the files or of what is switched on. */
  readonly version: string
  readonly laws: Readonly<Record<Jurisdiction, Law>>
  readonly unitTypes: ReadonlyMap<string, UnitType>
  readonly registry: Pick<UnitTypesFile, 'codings' | 'registers' | 'countries'>
}

/**
 * `statutoryBases` are the codes that this deployment has switched on.
 * @throws when one of them is no code of a rule that is on.
 */
export function compileLaw(
  filesVersion: string,
  { laws, unitTypes }: LawFiles,
  statutoryBases: readonly string[],
): LawBook {
  const known = new Set(statutoryBasisCodes(laws))
  for (const code of statutoryBases) if (!known.has(code)) throw unknownBasis(code, known)
  const switchedOn = new Set(statutoryBases)
  const law = (country: Jurisdiction): Law => compileOne(country, laws, switchedOn)
  return {
    version: [filesVersion, ...[...switchedOn].sort()].join('+'),
    laws: { DK: law('DK'), NO: law('NO') },
    unitTypes: new Map(unitTypes.unitTypes.map((type) => [type.code, type])),
    registry: unitTypes,
  }
}

/** Every way to disclose without consent that a rule which is on describes. */
export function statutoryBasisCodes(laws: readonly LawFile[]): readonly string[] {
  const codes = laws
    .flatMap(({ rules }) => rules)
    .filter(({ status }) => status === 'on')
    .flatMap(({ effects = [] }) => effects)
    .flatMap((effect) => (effect.kind === 'statutory' ? effect.code : []))
  return [...new Set(codes)]
}

function compileOne(country: Jurisdiction, laws: readonly LawFile[], switchedOn: ReadonlySet<string>): Law {
  const file = laws.find(({ jurisdiction }) => jurisdiction === country)
  const rules = (file?.rules ?? [])
    .filter(({ status }) => status === 'on')
    .map((rule) => ({
      ...rule,
      effects: (rule.effects ?? []).filter(
        (effect) => effect.kind !== 'statutory' || switchedOn.has(effect.code),
      ),
    }))
    .filter(({ effects }) => effects.length > 0)
  return {
    unitTypeRule: file?.unitTypeRule ?? country,
    denyCoversParents: file?.denyCoversParents ?? false,
    rules,
  }
}

function unknownBasis(code: string, known: ReadonlySet<string>): Error {
  return new Error(`\`${code}\` is no statutory basis of mappings/law: ${[...known].join(', ')}`)
}
