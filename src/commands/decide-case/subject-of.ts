/** The citizen of a case, by all that the case knows of them, and whether that is safe to match by. */
import type { Identifier, Patient, Resource } from '@medplum/fhirtypes'
import type { BusinessIdentifier, Subject } from '#consent/access-request.ts'
import { birthDateOf } from '#fhir/birth-date.ts'
import { GatewayError } from '#fhir/gateway-error.ts'
import { readPersonIdentifier } from '#fhir/person-identifier.ts'
import type { Name } from './read-name.ts'

/**
 * A Patient of the context is this one when the reference names it or a national number is the same. Without any number the
 * record's own reference is what the case matches by. With numbers that may not be matched across organisations alone
 * (local, regional, of one enterprise), with records that disagree, or with one that another replaced, nothing is safe.
 */
export function subjectOf(name: Name, context: ReadonlyMap<string, Resource>): Subject {
  const references = new Set(name.reference === undefined ? [] : [name.reference])
  const numbers = new Map<string, BusinessIdentifier>()
  const known = new Set<Patient>()
  const named = name.identifier === undefined ? [] : [name.identifier]
  let unmatched = named.length
  const learn = (identifiers: readonly Identifier[]): void => {
    for (const number of identifiers.map(nationalNumber).filter((each) => each !== undefined))
      numbers.set(`${number.system}|${number.value}`, number)
  }
  learn(named)
  const patients = [...context].flatMap(([key, one]) =>
    one.resourceType === 'Patient' ? [{ key, one }] : [],
  )
  // Each round may learn a number by which another record of the same person is found.
  for (let before = -1; before < known.size;) {
    before = known.size
    for (const { key, one } of patients) {
      const own = (one.identifier ?? []).map(nationalNumber)
      const isSame = own.some((number) => number && numbers.has(`${number.system}|${number.value}`))
      if (known.has(one) || !(references.has(key) || isSame)) continue
      known.add(one)
      references.add(key)
      if (one.id !== undefined) references.add(`Patient/${one.id}`)
      learn(one.identifier ?? [])
      unmatched += one.identifier?.length ?? 0
    }
  }
  const stated = new Set([...known].map((patient) => patient.birthDate).filter((date) => date !== undefined))
  // Only where no record says it: test persons are given the age that a test needs.
  const told = [...numbers.values()].map(birthDateOf)
  const [birthDate] = [...stated, ...told].filter((date) => date !== undefined)
  const isReplaced = [...known].some(({ link }) => link?.some(({ type }) => type === 'replaced-by'))
  const isUnsafe = isReplaced || stated.size > 1 || (unmatched > 0 && numbers.size === 0)
  return {
    references: [...references].sort(),
    // One that is unsafe to match by still names the request, which is then stopped and not malformed.
    identifiers: numbers.size > 0 ? [...numbers.values()] : named,
    ...(birthDate === undefined ? {} : { birthDate }),
    identity: [...known].some(isAnonymous) ? 'anonymous' : isUnsafe ? 'unsafe' : 'safe',
  }
}

const OBSERVATION_VALUE = 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue'

function isAnonymous({ meta }: Patient): boolean {
  return (meta?.security ?? []).some(
    ({ system, code }) => system === OBSERVATION_VALUE && (code === 'ANONYED' || code === 'PSEUDED'),
  )
}

/** One of the five that may be matched, as the gateway would store it. */
function nationalNumber({ system, value }: Identifier): BusinessIdentifier | undefined {
  try {
    return readPersonIdentifier(system, value)
  } catch (error) {
    if (error instanceof GatewayError) return undefined
    throw error
  }
}
