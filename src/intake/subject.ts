/**
 * Whose record it is. A national id is taken out of the resource and becomes a random subject id; anywhere else in the
 * resource it is refused, so that ids stand encrypted in one table and nowhere in stored content.
 */
import type { Consent, Reference } from '@medplum/fhirtypes'
import { type Fault, GatewayError } from '#fhir/gateway-error.ts'
import { holdsPersonNumber, isNationalSystem, namesByNationalId } from '#fhir/national-system.ts'
import { readPersonIdentifier } from '#fhir/person-identifier.ts'
import type { PersonIdentifier } from '#mapping/source-record.ts'
import { type HeldResource, type HeldType, subjectElementOf } from '#fhir/held-types.ts'

/** Where the citizen stands: `CarePlan.subject`. */
export function subjectPath(type: HeldType): string {
  const element = subjectElementOf(type)
  return element === undefined ? type : `${type}.${element}`
}

/** The national id that a client put in `subject.identifier`, or the subject id that it learnt from us. */
export type NamedSubject = { readonly nationalId: PersonIdentifier } | { readonly subjectId: string }

const SUBJECT_REFERENCE = /^Patient\/([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/

export function readSubject(resource: HeldResource): NamedSubject {
  const element = subjectElementOf(resource.resourceType) ?? 'subject'
  const reference = Reflect.get(resource, element) as Reference | undefined
  const path = subjectPath(resource.resourceType)
  if (reference?.identifier) {
    const { system, value } = reference.identifier
    return { nationalId: readPersonIdentifier(system, value, `${path}.identifier`) }
  }
  const subjectId = SUBJECT_REFERENCE.exec(reference?.reference ?? '')?.[1]
  if (subjectId) return { subjectId }
  throw new GatewayError({
    code: 'field-missing',
    expression: `${path}.identifier`,
    text: `name the citizen: put the national id in \`${element}.identifier\` with its system, such as \`urn:oid:1.2.208.176.1.2\` for CPR, or repeat the \`Patient/…\` reference from an earlier answer`,
  })
}

/** What a resource contains is about the same citizen: R4 wants it to say so. */
export function withSubject<R extends HeldResource>(resource: R, subjectId: string): R {
  const citizen: Reference = { reference: `Patient/${subjectId}` }
  const element = subjectElementOf(resource.resourceType)
  const contained = resource.contained?.map((inner) => {
    const ofInner = SAY_WHOSE.has(inner.resourceType) ? subjectElementOf(inner.resourceType) : undefined
    return ofInner === undefined ? inner : { ...inner, [ofInner]: citizen }
  })
  return {
    ...resource,
    ...(resource.resourceType === 'Consent' ? withPerformers(resource, citizen) : {}),
    ...(contained ? { contained } : {}),
    ...(element && { [element]: citizen }),
  }
}

/** Those that say nothing without a citizen, and whose own citizen would be a second one that nobody decided about. */
const SAY_WHOSE: ReadonlySet<string> = new Set(['Goal', 'Condition', 'DocumentReference', 'RelatedPerson'])

/** Whoever consents for themselves is named twice, by the same number: here it becomes the same reference. */
function withPerformers({ patient, performer }: Consent, citizen: Reference): Pick<Consent, 'performer'> {
  if (!Array.isArray(performer)) return {}
  const { system, value } = patient?.identifier ?? {}
  const isCitizen = (person: Reference | null): boolean =>
    value !== undefined && person?.identifier?.system === system && person?.identifier?.value === value
  return { performer: performer.map((person) => (isCitizen(person) ? citizen : person)) as typeof performer }
}

/** What holds an address: a national id in it would be followed, and logged by whoever is asked. */
const ADDRESSES: ReadonlySet<string> = new Set(['reference', 'url'])

/** What stands above a record in every list that shows it, also beside other citizens'. */
const HEADINGS: ReadonlySet<string> = new Set(['title', 'display'])

/** National ids outside the subject, each with its path. Running text is not searched for them. */
export function strayNationalIds(value: unknown, path: string): Fault[] {
  if (Array.isArray(value)) return value.flatMap((item, i) => strayNationalIds(item, `${path}[${i}]`))
  if (typeof value !== 'object' || value === null) return []
  const faults: Fault[] = []
  for (const [key, item] of Object.entries(value)) {
    const isNamed = key === 'system' && typeof item === 'string' && isNationalSystem(item)
    if (isNamed || (typeof item === 'string' && holdsOne(key, item))) {
      faults.push({
        code: 'field-invalid',
        expression: isNamed ? path : `${path}.${key}`,
        text: 'a national id may stand in the subject only; leave it out here',
      })
    } else {
      faults.push(...strayNationalIds(item, `${path}.${key}`))
    }
  }
  return faults
}

function holdsOne(key: string, text: string): boolean {
  return (ADDRESSES.has(key) && namesByNationalId(text)) || (HEADINGS.has(key) && holdsPersonNumber(text))
}
