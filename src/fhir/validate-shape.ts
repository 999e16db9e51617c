import { parseFhirPath } from '@medplum/core'
import type { ElementDefinition, ElementDefinitionType, StructureDefinition } from '@medplum/fhirtypes'
import type { CodeList } from './required-codes.ts'
import { isJudged } from './validate-invariant.ts'
import type { Constraint } from './validate-invariant.ts'
import { isPrimitive } from './validate-primitive.ts'

/** What a definition says about the objects of one type, ready to be walked. https://hl7.org/fhir/R4/elementdefinition.html */
export interface Shape {
  /** As people write it: `CarePlan.activity`. */
  readonly name: string
  /** As the FHIRPath engine knows it: `CarePlanActivity`. */
  readonly type: string
  readonly isResource: boolean
  /** By JSON property: a choice of types has one for each (`valueString`, `valueCode`, …). */
  readonly properties: ReadonlyMap<string, Property>
  readonly required: readonly ElementRule[]
  readonly constraints: readonly Constraint[]
}

export interface Property {
  readonly element: ElementRule
  /** `Period`, or `CarePlanActivity` for an element with children of its own. */
  readonly type: string
  readonly isPrimitive: boolean
  /** Resource types that a Reference may name; none given means any. */
  readonly targets: ReadonlySet<string> | undefined
  /** The children as the definition itself lists them, when it does. */
  readonly inner: Shape | undefined
}

export interface ElementRule {
  /** The name in FHIRPath: `value`, not `value[x]` or `valueString`. */
  readonly name: string
  readonly properties: readonly string[]
  readonly min: number
  readonly max: number
  readonly isList: boolean
  readonly codes: CodeList | undefined
  readonly fixed: unknown
  readonly pattern: unknown
  readonly constraints: readonly Constraint[]
}

/** What one definition needs from the others. */
export interface ShapeContext {
  readonly constraintsOf: (type: string) => readonly Constraint[]
  readonly codes: (valueSet: string) => CodeList | undefined
}

const FHIR_TYPE = 'http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type'
const R4 = 'http://hl7.org/fhir/StructureDefinition/'

/** The shapes of a definition by type: its own (`Bundle`), and one for each element with children (`BundleEntry`). */
export function compileShapes(
  definition: StructureDefinition,
  context: ShapeContext,
): ReadonlyMap<string, Shape> {
  const elements = definition.snapshot?.element ?? []
  const sliced = elements.find((element) => element.sliceName !== undefined)
  if (sliced)
    throw new Error(`${definition.url} slices ${sliced.path}; say it as an invariant: slices are not judged`)
  const children = Map.groupBy(elements, (element) => element.path.replace(/\.[^.]+$/, ''))
  const shapes = new Map<string, Shape>()

  const compile = (path: string, type: string, constraints: readonly Constraint[]): Shape => {
    const listed = (children.get(path) ?? []).filter((element) => element.path !== path)
    const properties = listed.flatMap((element) => compileElement(element))
    const rules = new Set(properties.map(([, property]) => property.element))
    const shape: Shape = {
      name: path,
      type,
      isResource: definition.kind === 'resource' && path === definition.type,
      properties: new Map(properties),
      required: [...rules].filter((rule) => rule.min > 0),
      constraints,
    }
    shapes.set(type, shape)
    return shape
  }

  const compileElement = (element: ElementDefinition): [string, Property][] => {
    const name = lastName(element.path).replace('[x]', '')
    const types = typesOf(element, definition)
    const names = types.map(({ code }) => (element.path.endsWith('[x]') ? name + capitalize(code) : name))
    const rule = compileRule(element, name, names, context)
    return types.map((code, index) => {
      const type = typeName(code, element)
      const inner = children.has(element.path)
        ? compile(element.path, type, context.constraintsOf(type))
        : undefined
      return [names[index] ?? name, { element: rule, type, ...propertyOf(code), inner }]
    })
  }

  const root = elements[0]
  if (root) compile(root.path, typeOf(definition), compileConstraints(root))
  return shapes
}

/** SimpleQuantity is a profile of Quantity by R4's word, but used as a type of its own. */
function typeOf({ url, type }: StructureDefinition): string {
  return url.startsWith(R4) ? url.slice(R4.length) : type
}

function compileRule(
  element: ElementDefinition,
  name: string,
  properties: readonly string[],
  context: ShapeContext,
): ElementRule {
  const { strength, valueSet } = element.binding ?? {}
  return {
    name,
    properties,
    min: element.min ?? 0,
    max: element.max === '*' ? Number.POSITIVE_INFINITY : Number(element.max),
    // The base decides between list and single value: a profile's `0..1` of a list is still a list in JSON.
    isList: (element.base?.max ?? element.max) !== '1',
    codes: strength === 'required' && valueSet !== undefined ? context.codes(valueSet) : undefined,
    fixed: valueOf(element, 'fixed'),
    pattern: valueOf(element, 'pattern'),
    // R4 repeats ext-1, the constraint of the type Extension, on each element of that type.
    constraints: compileConstraints(element).filter(({ key }) => key !== 'ext-1'),
  }
}

function compileConstraints(element: ElementDefinition): Constraint[] {
  return (element.constraint ?? [])
    .filter((constraint) => constraint.severity === 'error' && isJudged(constraint.key))
    .map(({ key, human, expression }) => {
      if (expression === undefined)
        throw new Error(`constraint ${key} of ${element.path} has no FHIRPath expression`)
      return { key, human, expression: parseFhirPath(expression) }
    })
}

/** R4 types Resource.id as a string, and its prose as an id: https://hl7.org/fhir/R4/resource.html#id */
function typesOf(element: ElementDefinition, definition: StructureDefinition): ElementDefinitionType[] {
  if (element.contentReference) return [{ code: 'BackboneElement' }]
  if (definition.kind === 'resource' && element.path === `${definition.type}.id`) return [{ code: 'id' }]
  return (element.type ?? []).map((type) => {
    const fhirType = type.extension?.find((extension) => extension.url === FHIR_TYPE)?.valueUrl
    return fhirType === undefined ? type : { ...type, code: fhirType }
  })
}

function typeName(type: ElementDefinitionType, element: ElementDefinition): string {
  // The reference is to the element of R4, also in a profile, so a profile's rules do not reach through it:
  // https://hl7.org/fhir/R4/elementdefinition-definitions.html#ElementDefinition.contentReference
  if (element.contentReference) return backboneName(element.contentReference.replace(/^.*#/, ''))
  if (type.code === 'BackboneElement' || type.code === 'Element') return backboneName(element.path)
  const profile = type.profile?.[0]
  return profile?.startsWith(R4) ? profile.slice(R4.length) : type.code
}

/** `CarePlan.activity` is `CarePlanActivity` to the FHIRPath engine. */
function backboneName(path: string): string {
  return path.split('.').map(capitalize).join('')
}

function propertyOf(type: ElementDefinitionType): Pick<Property, 'isPrimitive' | 'targets'> {
  const targets = type.code === 'Reference' ? (type.targetProfile ?? []).map((url) => lastName(url)) : []
  const any = targets.length === 0 || targets.includes('Resource')
  return { isPrimitive: isPrimitive(type.code), targets: any ? undefined : new Set(targets) }
}

function valueOf(element: ElementDefinition, kind: 'fixed' | 'pattern'): unknown {
  return Object.entries(element).find(([name]) => name.startsWith(kind))?.[1]
}

function lastName(path: string): string {
  return path.replace(/^.*[./]/, '')
}

function capitalize(type: string): string {
  return type.charAt(0).toUpperCase() + type.slice(1)
}
