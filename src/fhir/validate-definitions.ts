import { indexStructureDefinitionBundle } from '@medplum/core'
import type { StructureDefinition } from '@medplum/fhirtypes'
import type { Fault } from './gateway-error.ts'
import { describeCode } from './gateway-error.ts'
import type { ProfileAssets } from './profile-assets.ts'
import { hasCode, indexRequiredCodes } from './required-codes.ts'
import type { CodeList } from './required-codes.ts'
import type { JsonObject } from './validate-invariant.ts'
import { compileShapes } from './validate-shape.ts'
import type { Shape, ShapeContext } from './validate-shape.ts'

/** The definitions that a walk looks up. */
export interface Definitions {
  /** A resource type that Sluse accepts; nothing for any other, and for the abstract ones. */
  readonly resource: (type: string) => Shape | undefined
  /** A data type, or an element with children. */
  readonly type: (name: string) => Shape | undefined
  readonly profile: (url: string) => Shape | undefined
  /** Whether R4 has a resource type of that name, accepted or not. */
  readonly isResourceType: (type: string) => boolean
}

const RESOURCE_TYPES = 'http://hl7.org/fhir/ValueSet/resource-types'

/** Compiles each definition once, at start. */
export function compileDefinitions({ definitions, profiles, requiredCodes }: ProfileAssets): Definitions {
  // The FHIRPath and mapping engines look types up in a table of their own.
  indexStructureDefinitionBundle([...definitions])
  const codes = indexRequiredCodes(requiredCodes)
  const resourceTypes = codes(RESOURCE_TYPES)
  const types = compileTypes(definitions, codes)
  const context = { constraintsOf: constraintsIn(types), codes }
  const byUrl = new Map(profiles.map((profile) => [profile.url, compileProfile(profile, context)]))
  const concrete = new Set(definitions.filter(isConcrete).map(({ type }) => type))
  return {
    resource: (type) => (concrete.has(type) ? types.get(type) : undefined),
    type: (name) => types.get(name),
    profile: (url) => byUrl.get(url),
    isResourceType: (type) => resourceTypes !== undefined && hasCode(resourceTypes, type),
  }
}

/** The shape of a resource by what it says it is, or the fault of that. */
export function resourceShape(
  resource: JsonObject,
  definitions: Definitions,
  expression: string,
): Shape | Fault {
  const type = resource['resourceType']
  if (type === undefined)
    return { code: 'field-missing', expression, text: 'a resource requires `resourceType`; add it' }
  const shape = typeof type === 'string' ? definitions.resource(type) : undefined
  const text = `found ${describeCode(type)}, which Sluse does not accept; the CapabilityStatement lists what it does`
  return shape ?? { code: 'field-invalid', expression, text }
}

/** Data types stand first in R4's files, and no type lists the children of another, so one pass is enough. */
function compileTypes(
  definitions: readonly StructureDefinition[],
  codes: (valueSet: string) => CodeList | undefined,
): ReadonlyMap<string, Shape> {
  const types = new Map<string, Shape>()
  const context = { constraintsOf: constraintsIn(types), codes }
  for (const definition of definitions)
    for (const [type, shape] of compileShapes(definition, context)) types.set(type, shape)
  return types
}

function compileProfile(profile: StructureDefinition, context: ShapeContext): Shape {
  const root = compileShapes(profile, context).get(profile.type)
  if (!root) throw new Error(`profile ${profile.url} has no snapshot; build it with \`npm run profiles\``)
  return root
}

function constraintsIn(types: ReadonlyMap<string, Shape>): ShapeContext['constraintsOf'] {
  return (type) => types.get(type)?.constraints ?? []
}

function isConcrete({ kind, abstract }: StructureDefinition): boolean {
  return kind === 'resource' && !abstract
}
