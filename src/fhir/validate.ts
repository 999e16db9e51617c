import type { Fault } from './gateway-error.ts'
import { describe, describeCode } from './gateway-error.ts'
import type { ProfileAssets } from './profile-assets.ts'
import { compileDefinitions, resourceShape } from './validate-definitions.ts'
import type { Definitions } from './validate-definitions.ts'
import { holds, isObject } from './validate-invariant.ts'
import type { Judgement } from './validate-invariant.ts'
import type { Shape } from './validate-shape.ts'
import { Walk } from './validate-walk.ts'

export interface Validator {
  /**
   * The faults of a resource against R4, and against a profile as well if one is named; none means valid. It never throws,
   * whatever JSON it is given. `meta.profile` is not asked: the caller knows which profile a resource must meet.
   */
  readonly validate: (resource: unknown, profileUrl?: string) => readonly Fault[]
}

/** More faults than this do not help the sender, and would let a small request make a large answer. */
const MAX_FAULTS = 100

/**
 * Validates resources against R4 and our profiles. What is checked, what is not, and why not by @medplum/core alone:
 * docs/adr/0006-validation-beyond-medplum.md
 * @throws Error when a definition asks for what the validator cannot judge: better no start than a rule that is ignored.
 */
export function createValidator(assets: ProfileAssets): Validator {
  const definitions = compileDefinitions(assets)
  return {
    validate: (resource, profileUrl) => validate(definitions, resource, profileUrl).slice(0, MAX_FAULTS),
  }
}

function validate(
  definitions: Definitions,
  resource: unknown,
  profileUrl: string | undefined,
): readonly Fault[] {
  if (!isObject(resource))
    return [{ code: 'field-invalid', text: `found ${describe(resource)}; send a FHIR resource` }]
  const base = resourceShape(resource, definitions, 'resourceType')
  if (!('properties' in base)) return [base]
  const shape = profileUrl === undefined ? base : definitions.profile(profileUrl)
  if (shape?.type !== base.type) return [wrongProfile(base, shape)]
  const walk = new Walk(definitions)
  walk.resource(resource, shape, base.type, 0)
  const { faults, judgements } = walk.findings
  return faults.length > 0 ? faults : judgements.flatMap((judgement) => invariantFaults(judgement))
}

function wrongProfile(base: Shape, shape: Shape | undefined): Fault {
  const text = shape
    ? `found ${describeCode(base.type)} where the profile is of \`${shape.type}\`; send that`
    : 'no profile of that name is known; the CapabilityStatement lists those that are'
  return { code: 'profile-violation', expression: 'resourceType', text }
}

function invariantFaults(judgement: Judgement): Fault[] {
  if (holds(judgement)) return []
  const { key, human } = judgement.constraint
  return [
    {
      code: 'profile-violation',
      expression: judgement.path,
      text: `constraint \`${key}\` does not hold: ${human}`,
    },
  ]
}
