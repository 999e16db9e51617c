import { describe } from './gateway-error.ts'
import { Container } from './validate-container.ts'
import type { Fragment } from './validate-container.ts'
import { resourceShape } from './validate-definitions.ts'
import type { Definitions } from './validate-definitions.ts'
import { Findings } from './validate-findings.ts'
import { isObject } from './validate-invariant.ts'
import type { Constraint, JsonObject } from './validate-invariant.ts'
import { isSafeNarrative } from './validate-narrative.ts'
import { expectedPrimitive } from './validate-primitive.ts'
import { referenceFaults } from './validate-reference.ts'
import type { ElementRule, Property, Shape } from './validate-shape.ts'
import { boundCodeFaults, specifiedValueFaults } from './validate-value.ts'

/** Deeper nesting is an attack or a mistake: the deepest plan of our sectors has ten levels. */
const MAX_DEPTH = 64

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
  readonly findings = new Findings()
  readonly #definitions: Definitions

  constructor(definitions: Definitions) {
    this.#definitions = definitions
  }

  /** A resource that stands for itself: the root, or one in a Bundle or in Parameters. */
  resource(resource: JsonObject, shape: Shape, path: string, depth: number): void {
    const container = new Container(resource, path)
    this.#object(resource, shape, { path, depth, resource, container, contained: undefined })
    for (const fault of container.faults(this.#definitions.isResourceType)) this.findings.faults.push(fault)
  }

  #object(object: JsonObject, shape: Shape, at: Place): void {
    if (at.depth > MAX_DEPTH) {
      this.#invalid(at, `nested deeper than ${MAX_DEPTH} levels; send a flatter resource`)
      return
    }
    const names = Object.keys(object)
    // ele-1: an id alone says nothing. A twin may have only that, beside the value that it belongs to.
    if (names.every((name) => name === 'id' && shape.type !== 'Element'))
      this.#invalid(at, 'found an object without content; leave the property out')
    const seen = new Map<ElementRule, string>()
    for (const name of names) {
      const [property, own] = propertyOf(name, shape)
      if (property) this.#once(property, own, object, seen, at)
      else if (name !== 'resourceType' || !shape.isResource) this.findings.unknown(name, shape, at.path)
    }
    for (const element of shape.required)
      if (!seen.has(element)) this.findings.missing(element, shape, at.path)
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
      this.findings.fault('field-invalid', path, `found \`${other}\` and \`${name}\`; send one of them`)
  }

  #property(property: Property, value: unknown, twin: unknown, at: Place): void {
    const { element } = property
    if (element.max === 0)
      this.findings.fault('profile-violation', at.path, 'this element is not allowed here; remove it')
    else if (!element.isList) this.#item(property, value, twin, at)
    else if (this.#isList(value, at) && this.#isList(twin, at)) this.#items(property, value, twin, at)
  }

  #isList(value: unknown, at: Place): value is readonly unknown[] | undefined {
    if (value === undefined) return true
    if (!Array.isArray(value)) this.#invalid(at, `found ${describe(value)}; send a list`)
    else if (value.length === 0) this.#invalid(at, 'found an empty list; leave the property out')
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
      this.findings.fault(
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
    // R4 lets an extension say why there is no value. Where one is required, nothing may be decided by that.
    else if (property.element.min > 0)
      this.findings.fault('field-missing', at.path, 'found no value, only its extension; add a value')
    else if (isObject(twin) && !('extension' in twin))
      this.#invalid(at, 'found neither a value nor an extension; leave the property out')
    if (property.isPrimitive && twin !== undefined) this.#twin(twin, at)
  }

  #primitive({ element, type, targets }: Property, value: unknown, at: Place): void {
    const expected = expectedPrimitive(type, value)
    if (expected !== undefined) {
      this.#invalid(at, `found ${describe(value)}; send ${expected}`)
      return
    }
    if (type === 'xhtml' && !isSafeNarrative(String(value))) this.#invalid(at, UNSAFE)
    if (URI_TYPES.has(type)) this.#fragment(value, { path: at.path, targets, isReference: false }, at)
    this.#rules(element, type, value, at)
  }

  /** The `_status` of a `status`: https://hl7.org/fhir/R4/element.html */
  #twin(twin: unknown, at: Place): void {
    const shape = this.#definitions.type('Element')
    if (!isObject(twin) || !shape)
      this.#invalid(at, `found ${describe(twin)} as its extension; send an object`)
    else this.#object(twin, shape, { ...at, depth: at.depth + 1 })
  }

  #complex(property: Property, value: unknown, at: Place): void {
    const { element, type, inner, targets } = property
    if (!isObject(value)) {
      this.#invalid(at, `found ${describe(value)}; send an object`)
      return
    }
    if (type === 'Resource') {
      this.#nested(value, element.name === 'contained', at)
      return
    }
    const shape = inner ?? this.#definitions.type(type)
    if (!shape) {
      this.#invalid(at, `found a ${type}, which is not accepted here; remove it`)
      return
    }
    this.#object(value, shape, at)
    if (type === 'Reference') this.#reference(value, targets, at)
    this.#rules(element, type, value, at)
  }

  /** A resource inside another: contained, or an entry of a Bundle. */
  #nested(resource: JsonObject, isContained: boolean, at: Place): void {
    const shape = resourceShape(resource, this.#definitions, `${at.path}.resourceType`)
    if (!('properties' in shape)) this.findings.faults.push(shape)
    else if (isContained) this.#object(resource, shape, { ...at, resource, contained: resource })
    else this.resource(resource, shape, at.path, at.depth)
  }

  #reference(reference: JsonObject, targets: ReadonlySet<string> | undefined, at: Place): void {
    const { isResourceType } = this.#definitions
    this.findings.faults.push(...referenceFaults(reference, at.path, { targets, isResourceType }))
    this.#fragment(reference['reference'], { path: `${at.path}.reference`, targets, isReference: true }, at)
  }

  #fragment(value: unknown, use: Pick<Fragment, 'path' | 'targets' | 'isReference'>, at: Place): void {
    if (typeof value !== 'string' || !value.startsWith('#')) return
    at.container.refer({ ...use, id: value.slice(1), from: at.contained })
  }

  #rules(element: ElementRule, type: string, value: unknown, at: Place): void {
    if (element.codes) this.findings.faults.push(...boundCodeFaults(element.codes, value, at.path))
    this.findings.faults.push(...specifiedValueFaults(element, value, at.path))
    this.#judge(element.constraints, type, value, at)
  }

  #invalid({ path }: Place, text: string): void {
    this.findings.fault('field-invalid', path, text)
  }

  #judge(constraints: readonly Constraint[], type: string, value: unknown, at: Place): void {
    const { path, resource, container } = at
    this.findings.judge(constraints, { type, value, path, resource, rootResource: container.resource })
  }
}

const UNSAFE =
  'found markup that is not plain, well-formed XHTML; send a `div` of text, lists and tables without links, images or styles'
const URI_TYPES = new Set(['uri', 'url', 'canonical'])

/** The property that a JSON name stands for, and that name without the mark of a twin. */
function propertyOf(name: string, shape: Shape): [Property | undefined, string] {
  const property = shape.properties.get(name)
  if (property || !name.startsWith('_')) return [property, name]
  const own = shape.properties.get(name.slice(1))
  return [own?.isPrimitive === true ? own : undefined, name.slice(1)]
}
