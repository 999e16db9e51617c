/** What of a provision takes content to be tested, and what can be told of it without any. https://profiles.ihe.net/ITI/PCF/ */
import { RESOURCE_TYPE_SYSTEM } from './class-match.ts'
import type { CompiledConsent } from './compiled-consent.ts'
import type { Criteria } from './criteria.ts'
import type { Effect } from './criteria-match.ts'
import type { Code } from './element-reader.ts'
import type { LocalInstant } from './instant.ts'
import { positionAt } from './period.ts'
import { resourceTypes } from './resource-types.ts'
import type { CompiledRule } from './rule.ts'

/** What is known before there is any content. */
export interface Told {
  readonly at: LocalInstant
  /** The type of resource that the request states. */
  readonly resourceType: string | undefined
}

const elements = ['authors', 'class', 'code', 'data', 'dataPeriod', 'securityLabel'] as const
export type ContentElement = (typeof elements)[number]

/** `nobody`: whatever the content, nobody can tell; that keeps a deny and loses a permit. */
export interface ContentNeed {
  readonly toTell: 'nothing' | 'content' | 'nobody'
  /** The elements that content decides. */
  readonly open: readonly ContentElement[]
}

export function contentNeeded(criteria: Criteria, effect: Effect, told: Told): ContentNeed {
  const stated = elements.filter(
    (element) => criteria[element] !== undefined && !isTold(element, criteria, told),
  )
  const open = stated.filter((element) => isTellable(waysOf[element](criteria, told), effect))
  // A permit needs every element, so one of which nobody can tell is enough; a deny stays open while any other may fail.
  const isLost = effect === 'permit' ? open.length < stated.length : open.length === 0
  return { toTell: stated.length === 0 ? 'nothing' : isLost ? 'nobody' : 'content', open }
}

/** An alternative of an element: whether some content fits it, and whether some certainly does not. */
interface Way {
  readonly canHold: boolean
  readonly canFail: boolean
}

/** An empty list has no way to hold or to fail. */
function isTellable(ways: readonly Way[], effect: Effect): boolean {
  if (effect === 'permit') return ways.some(({ canHold }) => canHold)
  return ways.length > 0 && ways.every(({ canFail }) => canFail)
}

const waysOf: Readonly<Record<ContentElement, (criteria: Criteria, told: Told) => readonly Way[]>> = {
  authors: ({ authors = [] }) => authors.map(({ name }) => both(isNamed(name))),
  class: ({ class: listed = [] }, { resourceType }) => listed.map((code) => wayOfClass(code, resourceType)),
  code: ({ code = [] }) =>
    code.map(({ system, code: value, family }) => {
      const canHold = system !== undefined && value !== undefined
      // Of another system nobody can tell that a code does not mean the same.
      return { canHold, canFail: canHold && family !== undefined }
    }),
  data: ({ data = [] }) =>
    data.map(({ meaning, name }) =>
      both(meaning === 'authoredby' ? isNamed(name) : meaning !== undefined && isPlainReference(name)),
    ),
  dataPeriod: ({ dataPeriod }, { at }) => [both(positionAt(dataPeriod, at) !== 'unreadable')],
  securityLabel: ({ securityLabel }) => {
    if (!securityLabel) return []
    const { sensitivities, confidentialities, others, isUnclear } = securityLabel
    const canHold = sensitivities.length + confidentialities.length + others.length > 0
    return [{ canHold, canFail: canHold && !isUnclear }]
  },
}

function both(readable: boolean): Way {
  return { canHold: readable, canFail: readable }
}

type Name = NonNullable<Criteria['data']>[number]['name']

function isNamed({ reference, identifier }: Name): boolean {
  return reference !== undefined || identifier !== undefined
}

function isPlainReference({ reference, contained }: Name): boolean {
  return reference !== undefined && !contained
}

/** Profiles and types of documents: content tells whether they are meant. Of other systems it never tells that they are not. */
const TELLABLE: ReadonlySet<string | undefined> = new Set([
  undefined,
  'urn:ietf:rfc:3986',
  'http://loinc.org',
])

function wayOfClass({ system, code }: Code, resourceType: string | undefined): Way {
  if (code === undefined) return both(false)
  if (system !== RESOURCE_TYPE_SYSTEM) return { canHold: true, canFail: TELLABLE.has(system) }
  const isType = resourceTypes.has(code)
  return { canHold: isType && resourceType === undefined, canFail: isType }
}

/** Whether the request itself answers it: only for its class, where it states one. */
function isTold(element: ContentElement, criteria: Criteria, told: Told): boolean {
  return element === 'class' && coversType(criteria.class, told.resourceType) !== undefined
}

function coversType(listed: readonly Code[] = [], resourceType: string | undefined): boolean | undefined {
  if (resourceType === undefined || listed.length === 0) return undefined
  const types = listed.map(({ system, code }) => (system === RESOURCE_TYPE_SYSTEM ? code : undefined))
  if (types.includes(resourceType)) return true
  return types.every((type) => type !== undefined && resourceTypes.has(type)) ? false : undefined
}

/** No data of a patient is of it, so that every class that is named misses it. */
export const NO_CONTENT = { resourceType: 'Parameters' } as const
const ANOTHER_CLASS: readonly Code[] = [{ system: RESOURCE_TYPE_SYSTEM, code: 'Patient' }]

/** The consent without what needs content: what is left can be tested as ever. */
export function withoutContent(compiled: CompiledConsent, resourceType: string | undefined): CompiledConsent {
  return { ...compiled, root: stripped(compiled.root, resourceType) }
}

function stripped(rule: CompiledRule, resourceType: string | undefined): CompiledRule {
  const {
    authors: _,
    class: listed,
    code: __,
    data: ___,
    dataPeriod: ____,
    securityLabel: _____,
    ...rest
  } = rule.criteria
  const misses = coversType(listed, resourceType) === false
  return {
    ...rule,
    criteria: misses ? { ...rest, class: ANOTHER_CLASS } : rest,
    children: rule.children.map((child) => stripped(child, resourceType)),
  }
}
