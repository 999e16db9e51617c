import type { ErrorCode, Fault } from './gateway-error.ts'
import { describe, describeCode } from './gateway-error.ts'
import { Container } from './validate-container.ts'
import { isObject } from './validate-invariant.ts'
import type { Constraint, Judgement, JsonObject } from './validate-invariant.ts'
import { isSafeNarrative } from './validate-narrative.ts'
import { expectedPrimitive } from './validate-primitive.ts'
import { referenceFaults } from './validate-reference.ts'
import type { ElementRule, Property, Shape } from './validate-shape.ts'
import { boundCodeFaults, specifiedValueFaults } from './validate-value.ts'

/** Deeper nesting is an attack or a mistake: the deepest plan of our sectors has ten levels. */
const MAX_DEPTH = 64

/** The definitions that a walk looks up. */
export interface Shapes {
  /** A resource type that Sluse accepts; nothing for any other, and for the abstract ones. */
  readonly resource: (type: string) => Shape | undefined
  /** A data type, or an element with children. */
  readonly type: (name: string) => Shape | undefined
  /** Whether R4 has a resource type of that name, accepted or not. */
  readonly isResourceType: (type: string) => boolean
}

/** Where the walk is: the path for the reader, and the resources around it. */
interface Place {
  readonly path: string
  readonly depth: number
  readonly resource: JsonObject
  readonly container: Container
  /** The contained resource that this is in. */
  readonly contained: JsonObject | undefined
}

/**
 * One pass over a resource, beside its definition: every property must be one that the definition names, in its type,
 * format and number. https://hl7.org/fhir/R4/json.html
 */
export class Walk {
  readonly faults: Fault[] = []
  /** Invariants presume the right shape, so they are judged after the walk, if it found nothing. */
  readonly judgements: Judgement[] = []
  readonly #shapes: Shapes

  constructor(shapes: Shapes) {
    this.#shapes = shapes
  }

  /** A resource that stands for itself: the root, or one in a Bundle or in Parameters. */
  resource(resource: JsonObject, shape: Shape, path: string, depth: number): void {
    const container = new Container(resource, path)
    this.#object(resource, shape, { path, depth, resource, container, contained: undefined })
    this.faults.push(...container.faults(this.#shapes.isResourceType))
  }

  #object(object: JsonObject, shape: Shape, at: Place): void {
    if (at.depth > MAX_DEPTH) {
      this.#fault('field-invalid', at.path, `nested deeper than ${MAX_DEPTH} levels; send a flatter resource`)
      return
    }
    const names = Object.keys(object)
    if (names.length === 0)
      this.#fault('field-invalid', at.path, 'found an empty object; leave the property out')
    const seen = new Map<ElementRule, string>()
    for (const name of names) {
      const [property, own] = propertyOf(name, shape)
      if (property) this.#once(property, own, object, seen, at)
      else if (name !== 'resourceType' || !shape.isResource) this.#unknown(name, shape, at)
    }
    for (const element of shape.required) if (!seen.has(element)) this.#missing(element, shape, at)
    this.#judge(shape.constraints, shape.type, object, at)
  }

  /** A value and its `_` twin are one property; two types of one choice are one too many. */
  #once(
    property: Property,
    name: string,
    object: JsonObject,
    seen: Map<ElementRule, string>,
    at: Place,
  ): void {
    const { element } = property
    const path = `${at.path}.${element.name}`
    const other = seen.get(element)
    seen.set(element, name)
    if (other === undefined)
      this.#property(property, object[name], object[`_${name}`], { ...at, path, depth: at.depth + 1 })
    else if (other !== name)
      this.#fault('field-invalid', path, `found \`${other}\` and \`${name}\`; send one of them`)
  }

  #property(property: Property, value: unknown, twin: unknown, at: Place): void {
    const { element } = property
    if (element.max === 0)
      this.#fault('profile-violation', at.path, 'the profile does not allow this element; remove it')
    else if (!element.isList) this.#item(property, value, twin, at)
    else if (this.#isList(value, at) && this.#isList(twin, at)) this.#items(property, value, twin, at)
  }

  #isList(value: unknown, at: Place): value is readonly unknown[] | undefined {
    if (value === undefined) return true
    if (!Array.isArray(value)) this.#fault('field-invalid', at.path, `found ${describe(value)}; send a list`)
    else if (value.length === 0)
      this.#fault('field-invalid', at.path, 'found an empty list; leave the property out')
    else return true
    return false
  }

  #items(
    property: Property,
    values: readonly unknown[] = [],
    twins: readonly unknown[] = [],
    at: Place,
  ): void {
    const { min, max } = property.element
    const count = Math.max(values.length, twins.length)
    if (count < min || count > max)
      this.#fault(
        'profile-violation',
        at.path,
        `found ${count} items; send at least ${min} and at most ${max}`,
      )
    for (let index = 0; index < count; index += 1) {
      // In a list of primitives `null` holds the place of a value or of its twin: https://hl7.org/fhir/R4/json.html#primitive
      const twin = twins[index] ?? undefined
      const value =
        values[index] === null && property.isPrimitive && twin !== undefined ? undefined : values[index]
      this.#item(property, value, twin, { ...at, path: `${at.path}[${index}]` })
    }
  }

  #item(property: Property, value: unknown, twin: unknown, at: Place): void {
    if (!property.isPrimitive) this.#complex(property, value, at)
    else if (value !== undefined || twin === undefined) this.#primitive(property, value, at)
    // A status that is only extended is none, and nothing may be decided by it.
    else if (property.element.min > 0)
      this.#fault('field-missing', at.path, 'found no value, only its extension; add a value')
    if (property.isPrimitive && twin !== undefined) this.#twin(twin, at)
  }

  #primitive({ element, type, targets }: Property, value: unknown, at: Place): void {
    const expected = expectedPrimitive(type, value)
    if (expected !== undefined) {
      this.#fault('field-invalid', at.path, `found ${describe(value)}; send ${expected}`)
      return
    }
    if (type === 'xhtml' && !isSafeNarrative(String(value))) this.#fault('field-invalid', at.path, UNSAFE)
    if (URI_TYPES.has(type)) this.#fragment(value, at.path, targets, false, at)
    this.#rules(element, type, value, at)
  }

  /** The `_status` of a `status`: https://hl7.org/fhir/R4/element.html */
  #twin(twin: unknown, at: Place): void {
    const shape = this.#shapes.type('Element')
    if (!isObject(twin) || !shape)
      this.#fault('field-invalid', at.path, `found ${describe(twin)} as its extension; send an object`)
    else this.#object(twin, shape, { ...at, depth: at.depth + 1 })
  }

  #complex(property: Property, value: unknown, at: Place): void {
    const { element, type, inner, targets } = property
    if (!isObject(value)) {
      this.#fault('field-invalid', at.path, `found ${describe(value)}; send an object`)
      return
    }
    if (type === 'Resource') {
      this.#nested(value, element.name === 'contained', at)
      return
    }
    const shape = inner ?? this.#shapes.type(type)
    if (!shape) {
      this.#fault('field-invalid', at.path, `found a ${type}, which is not accepted here; remove it`)
      return
    }
    this.#object(value, shape, at)
    if (type === 'Reference') this.#reference(value, targets, at)
    this.#rules(element, type, value, at)
  }

  /** A resource inside another: contained, or an entry of a Bundle. */
  #nested(resource: JsonObject, isContained: boolean, at: Place): void {
    const shape = resourceShape(resource, this.#shapes)
    if (!('properties' in shape)) this.faults.push({ ...shape, expression: `${at.path}.resourceType` })
    else if (isContained) this.#object(resource, shape, { ...at, resource, contained: resource })
    else this.resource(resource, shape, at.path, at.depth)
  }

  #reference(reference: JsonObject, targets: ReadonlySet<string> | undefined, at: Place): void {
    const { isResourceType } = this.#shapes
    this.faults.push(...referenceFaults(reference, at.path, { targets, isResourceType }))
    this.#fragment(reference['reference'], `${at.path}.reference`, targets, true, at)
  }

  #fragment(
    value: unknown,
    path: string,
    targets: ReadonlySet<string> | undefined,
    isReference: boolean,
    at: Place,
  ): void {
    if (typeof value !== 'string' || !value.startsWith('#')) return
    at.container.refer({ id: value.slice(1), path, targets, from: at.contained, isReference })
  }

  #rules(element: ElementRule, type: string, value: unknown, at: Place): void {
    if (element.codes) this.faults.push(...boundCodeFaults(element.codes, value, at.path))
    this.faults.push(...specifiedValueFaults(element, value, at.path))
    this.#judge(element.constraints, type, value, at)
  }

  #judge(constraints: readonly Constraint[], type: string, value: unknown, at: Place): void {
    const { path, resource, container } = at
    for (const constraint of constraints)
      this.judgements.push({ constraint, type, value, path, resource, rootResource: container.resource })
  }

  #missing(element: ElementRule, shape: Shape, at: Place): void {
    const wanted = element.properties.length > 1 ? `${element.name}[x]` : element.name
    this.#fault('field-missing', `${at.path}.${element.name}`, `${shape.name} requires \`${wanted}\`; add it`)
  }

  /** The name is the sender's, so it is repeated only if it looks like the name of an element. */
  #unknown(name: string, shape: Shape, at: Place): void {
    const isPlain = /^_?[A-Za-z][A-Za-z0-9]{0,63}$/.test(name) && !/\d{5}/.test(name)
    const found = isPlain ? `\`${name}\`` : 'a property that is no element name'
    const expression = isPlain ? `${at.path}.${name}` : at.path
    this.#fault(
      'field-invalid',
      expression,
      `found ${found}, which ${shape.name} does not have in FHIR R4; remove it`,
    )
  }

  #fault(code: ErrorCode, expression: string, text: string): void {
    this.faults.push({ code, expression, text })
  }
}

const UNSAFE =
  'found markup that is not plain, well-formed XHTML; send a `div` of text, lists and tables without links, images or styles'
const URI_TYPES = new Set(['uri', 'url', 'canonical'])

/** The shape of a resource by what it says it is, or the fault of that. */
export function resourceShape(resource: JsonObject, shapes: Shapes): Shape | Fault {
  const type = resource['resourceType']
  const expression = 'resourceType'
  if (type === undefined)
    return { code: 'field-missing', expression, text: 'a resource requires `resourceType`; add it' }
  const shape = typeof type === 'string' ? shapes.resource(type) : undefined
  const text = `found ${describeCode(type)}, which Sluse does not accept; the CapabilityStatement lists what it does`
  return shape ?? { code: 'field-invalid', expression, text }
}

/** The property that a JSON name stands for, and that name without the mark of a twin. */
function propertyOf(name: string, shape: Shape): [Property | undefined, string] {
  const property = shape.properties.get(name)
  if (property || !name.startsWith('_')) return [property, name]
  const own = shape.properties.get(name.slice(1))
  return [own?.isPrimitive === true ? own : undefined, name.slice(1)]
}
