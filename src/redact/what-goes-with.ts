/** What must go when a pointer goes, so that the rest is valid R4 and nothing is a stub. https://hl7.org/fhir/R4/json.html */
import { isKeptInPart, isSplittable } from '#label/unit.ts'

/**
 * An element that is never taken out of its type: status, subject, what R4 or our profile requires, and what gives the rest
 * its meaning. Of the types that are split by element: frame and core (label/unit.ts).
 */
const KEPT: Readonly<Record<string, RegExp>> = {
  Condition: /^(?:code|clinicalStatus|verificationStatus|subject|language|implicitRules|modifierExtension)$/,
  // Whatever narrows a consent is part of what it says: without it the copy would say more than the citizen did.
  Consent:
    /^(?:status|scope|category|patient|dateTime|policy|policyRule|provision|language|implicitRules|modifierExtension)$/,
  RelatedPerson: /^(?:active|patient|relationship|period|language|implicitRules|modifierExtension)$/,
}

/** Without this reference the element around it says nothing, or is not valid. */
const HELD_UP_BY: readonly RegExp[] = [
  /^(CarePlan\.activity\[\d+\])\.reference$/,
  /^(Encounter\.diagnosis\[\d+\])\.condition$/,
  /^(Encounter\.location\[\d+\])\.location$/,
  /^(Encounter\.participant\[\d+\])\.individual$/,
  /^(CareTeam\.participant\[\d+\])\.(?:member|onBehalfOf)$/,
  /^(DocumentReference\.relatesTo\[\d+\])\.target$/,
  // R4 wants a value of each, and a restriction without whom it is for would be wider.
  /^(Task\.(?:input|output)\[\d+\])\.value.+$/,
  /^(Task\.restriction)\.recipient\[\d+\]$/,
  // An identifier is known by who gave it.
  /^(.+)\.assigner$/,
]

/** References that no type of R4 requires. Any other may be required where we do not know the type. */
const NOWHERE_REQUIRED =
  /^\w+\.(?:encounter|context|basedOn|partOf|replaces|episodeOfCare|reasonReference|supportingInfo|supportingInformation|addresses|derivedFrom|hasMember|outcomeReference)(?:\[\d+\])?$/

/** `path` of a Reference; undefined when the resource cannot be without it. */
export function goesWithReference(path: string): string | undefined {
  const around = aroundIt(path)
  if (around !== undefined) return isKept(around) ? undefined : around
  const element = HELD_UP_BY.reduce((whole, form) => whole.replace(form, '$1'), path)
  return isKept(element) || !(isKnown(path) || NOWHERE_REQUIRED.test(element)) ? undefined : element
}

/** `path` of a text, an address or an identifier: what it stands in goes whole, since nobody knows what it is without. */
export function goesWithMention(path: string): string | undefined {
  const element = aroundIt(path) ?? /^\w+\.(?:hospitalization\.)?\w+(?:\[\d+\])?/.exec(path)?.[0]
  if (element === undefined || isKept(element)) return undefined
  return isKnown(path) || element !== path ? element : undefined
}

/** A contained resource shares the fate of what it points to; an extension is nothing without its value. */
function aroundIt(path: string): string | undefined {
  return /^\w+\.contained\[\d+\]/.exec(path)?.[0] ?? /^.+?\.extension\[\d+\]/.exec(path)?.[0]
}

function isKnown(path: string): boolean {
  const [resourceType = ''] = /^\w+/.exec(path) ?? []
  return resourceType in KEPT || isSplittable({ resourceType })
}

function isKept(path: string): boolean {
  const [, type = '', element = ''] = /^(\w+)\.(\w+)/.exec(path) ?? []
  return isKeptInPart(type, element) || (KEPT[type]?.test(element) ?? false)
}
