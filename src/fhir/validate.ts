import { indexStructureDefinitionBundle } from '@medplum/core'
import type { StructureDefinition } from '@medplum/fhirtypes'
import type { Fault } from './gateway-error.ts'
import { describe, describeCode } from './gateway-error.ts'
import type { ProfileAssets } from './profile-assets.ts'
import { hasCode, indexRequiredCodes } from './required-codes.ts'
import type { CodeList } from './required-codes.ts'
import { holds, isObject } from './validate-invariant.ts'
import type { Judgement, JsonObject } from './validate-invariant.ts'
import { compileShapes } from './validate-shape.ts'
import type { Shape } from './validate-shape.ts'
import { Walk, resourceShape } from './validate-walk.ts'
import type { Shapes } from './validate-walk.ts'

export type { ProfileAssets } from './profile-assets.ts'

export interface Validator {
  /**
   * The faults of a resource against R4, and against a profile as well if one is named; none means valid. It never throws,
   * whatever it is given. `meta.profile` is not asked: the caller knows which profile a resource must meet.
   */
  readonly validate: (resource: unknown, profileUrl?: string) => readonly Fault[]
}

/** More faults than this do not help the sender, and would let a small request make a large answer. */
const MAX_FAULTS = 100

const RESOURCE_TYPES = 'http://hl7.org/fhir/ValueSet/resource-types'

/**
 * Validates resources against R4 and our profiles. What is checked, what is not, and why not by @medplum/core alone:
 * docs/adr/0006-validation-beyond-medplum.md
 * @throws Error when a definition asks for what the validator cannot judge: better no start than a rule that is ignored.
 */
export function createValidator(assets: ProfileAssets): Validator {
  const codes = indexRequiredCodes(assets.requiredCodes)
  // The FHIRPath and mapping engines look types up in a table of their own.
  indexStructureDefinitionBundle([...assets.definitions])
  const types = compileTypes(assets.definitions, codes)
  const context = { constraintsOf: constraintsIn(types), codes }
  const profiles = new Map(assets.profiles.map((profile) => [profile.url, compileRoot(profile, context)]))
  const shapes = lookUp(types, assets.definitions, codes(RESOURCE_TYPES))
  return {
    validate: (resource, profileUrl) =>
      validate(resource, profileUrl, { shapes, profiles }).slice(0, MAX_FAULTS),
  }
}

function validate(
  resource: unknown,
  profileUrl: string | undefined,
  { shapes, profiles }: { shapes: Shapes; profiles: ReadonlyMap<string, Shape> },
): readonly Fault[] {
  if (!isObject(resource))
    return [{ code: 'field-invalid', text: `found ${describe(resource)}; send a FHIR resource` }]
  const base = resourceShape(resource, shapes)
  if (!('properties' in base)) return [base]
  const shape = profileUrl === undefined ? base : profiles.get(profileUrl)
  if (shape?.type !== base.type) return [wrongProfile(resource, shape)]
  const walk = new Walk(shapes)
  walk.resource(resource, shape, base.type, 0)
  return walk.faults.length > 0
    ? walk.faults
    : walk.judgements.flatMap((judgement) => invariantFaults(judgement))
}

function wrongProfile(resource: JsonObject, shape: Shape | undefined): Fault {
  const found = describeCode(resource['resourceType'])
  const text = shape
    ? `found ${found} where the profile is one of ${shape.type}; send a ${shape.type}`
    : `no profile of that name is known for ${found}; see the CapabilityStatement for those that are`
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

/** Data types come first in R4's files, and no type lists the children of another, so one pass is enough. */
function compileTypes(
  definitions: readonly StructureDefinition[],
  codes: (valueSet: string) => CodeList | undefined,
): ReadonlyMap<string, Shape> {
  const types = new Map<string, Shape>()
  for (const definition of definitions)
    for (const [type, shape] of compileShapes(definition, { constraintsOf: constraintsIn(types), codes }))
      types.set(type, shape)
  return types
}

function compileRoot(profile: StructureDefinition, context: Parameters<typeof compileShapes>[1]): Shape {
  const root = compileShapes(profile, context).get(profile.type)
  if (!root) throw new Error(`profile ${profile.url} has no snapshot; build it with \`npm run profiles\``)
  return root
}

function constraintsIn(types: ReadonlyMap<string, Shape>): (type: string) => Shape['constraints'] {
  return (type) => types.get(type)?.constraints ?? []
}

function lookUp(
  types: ReadonlyMap<string, Shape>,
  definitions: readonly StructureDefinition[],
  resourceTypes: CodeList | undefined,
): Shapes {
  const concrete = new Set(
    definitions.filter(({ kind, abstract }) => kind === 'resource' && !abstract).map(({ type }) => type),
  )
  return {
    resource: (type) => (concrete.has(type) ? types.get(type) : undefined),
    type: (name) => types.get(name),
    isResourceType: (type) => resourceTypes !== undefined && hasCode(resourceTypes, type),
  }
}
