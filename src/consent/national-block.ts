/**
 * Blocks and objections that national law knows, recorded as Consents that deny, or as a code on the data. They can
 * only deny, and only a consent that names the block lifts it. NSP MinSpærring; pbrl 5-3; Volven 9603.
 */
import type { Coding, Consent, ConsentProvision } from '@medplum/fhirtypes'
import type { Party, Subject } from './access-request.ts'
import { readActors } from './criteria-actor.ts'
import { isFields, itemsOf, readConcept } from './element-reader.ts'
import { parsePointInTime } from './instant.ts'
import type { ReasonCode } from './reason.ts'

const BLOCK_POLICIES: ReadonlySet<string> = new Set([
  // SUL 42a(5) and 41(3), as our own tokens; HL7 Norway has one of its own.
  'https://sluse.example/fhir/CodeSystem/legal-basis|SUL-42A-5',
  'https://sluse.example/fhir/CodeSystem/legal-basis|SUL-41-3',
  'https://sluse.example/fhir/CodeSystem/legal-basis|PBRL-5-3',
  'http://hl7.no/fhir/CodeSystem/no-basis-legal-formality-or-basis|PBRL5-3',
])

/** The law that a block is made under, such as `SUL-42A-5`; a permit under the same law is no block. */
export function blockPolicy({ policyRule, provision }: Consent): string | undefined {
  if (provision?.type !== 'deny') return undefined
  return readConcept(policyRule, '', []).find(({ system, code }) =>
    BLOCK_POLICIES.has(`${system ?? ''}|${code ?? ''}`),
  )?.code
}

/** The consent that it lifts: a typed link, since nothing but naming the block shows that it was meant. */
export const LIFTS_BLOCK = 'https://sluse.example/fhir/StructureDefinition/lifts-block'

/**
 * Whether `lift` names the block, is later than it, and speaks of the same or less: whatever the block states, the lift
 * states too, with entries of the block's own.
 */
export function lifts(lift: Consent, block: { readonly id: string; readonly consent: Consent }): boolean {
  if (lift.provision?.type !== 'permit' || !block.consent.provision) return false
  const named = itemsOf(lift.extension).some(
    ({ url, valueReference }) =>
      url === LIFTS_BLOCK &&
      isFields(valueReference) &&
      valueReference['reference'] === `Consent/${block.id}`,
  )
  return (
    named &&
    isLater(lift.dateTime, block.consent.dateTime) &&
    isWithin(lift.provision, block.consent.provision)
  )
}

/** Of dates without a time, or of none, nobody can say which came first. */
function isLater(one: unknown, other: unknown): boolean {
  if (typeof one !== 'string' || typeof other !== 'string') return false
  const [later, earlier] = [one, other].map(parsePointInTime)
  if (!later || !earlier) return false
  if ('local' in later || 'local' in earlier) {
    const length = Math.min(one.length, other.length, 10)
    return one.slice(0, length) > other.slice(0, length)
  }
  return later.first > earlier.last
}

const SCOPED = ['actor', 'action', 'securityLabel', 'purpose', 'class', 'code', 'data', 'dataPeriod'] as const

/** An element that the block leaves open may be stated by the lift, which is then narrower. */
function isWithin(lift: ConsentProvision, block: ConsentProvision): boolean {
  if (!groupsIn(block.actor).isSubsetOf(groupsIn(lift.actor))) return false
  return SCOPED.every((element) => {
    const blocked = entriesOf(block[element])
    if (blocked.length === 0) return true
    const lifted = entriesOf(lift[element])
    return lifted.length > 0 && lifted.every((entry) => blocked.includes(entry))
  })
}

/** Who receives, who holds and who wrote the data are three things: a lift that leaves one of them open is wider. */
function groupsIn(actor: unknown): ReadonlySet<string> {
  const place = { expression: '', faults: [], contained: new Map(), imported: false, block: false }
  return new Set(Object.keys(readActors(actor, place)))
}

function entriesOf(value: unknown): readonly string[] {
  if (value === undefined) return []
  return (Array.isArray(value) ? value : [value]).map(canonical)
}

/** The same whatever the order of its members. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
}

const VOLVEN_9603: ReadonlySet<string | undefined> = new Set([
  'http://helsedir.no/fhir/CodeSystem/no-kodeverk-9603',
  'urn:oid:2.16.578.1.12.4.1.1.9603',
])

/** NORS: blocked to other staff by the citizen. NORN_* and NORU concern the patient's own view, and nobody else's. */
export function codedBlock(
  security: readonly Coding[],
  asker: { readonly recipient: Party; readonly patient: Subject; readonly purposes: readonly string[] },
): ReasonCode | undefined {
  const codes = security.filter(({ system }) => VOLVEN_9603.has(system)).map(({ code }) => code ?? '')
  const isPatient = isTheSame(asker)
  const forPatient = asker.purposes.filter((purpose) => AT_PATIENTS_REQUEST.has(purpose))
  // Staff that asks for the patient among other things is staff.
  const onlyForPatient = isPatient || forPatient.length === asker.purposes.length
  if (codes.includes('NORS') && !onlyForPatient) return 'national-block'
  const ownView = codes.some((code) => code === 'NORU' || code.startsWith('NORN'))
  return ownView && (isPatient || forPatient.length > 0) ? 'patient-view-blocked' : undefined
}

/** A portal asks at the patient's request. */
const AT_PATIENTS_REQUEST: ReadonlySet<string> = new Set(['PATRQT', 'FAMRQT', 'PWATRNY'])

function isTheSame({
  recipient,
  patient,
}: {
  readonly recipient: Party
  readonly patient: Subject
}): boolean {
  return (
    recipient.references.some((reference) => patient.references.includes(reference)) ||
    recipient.identifiers.some((one) =>
      patient.identifiers.some((other) => one.system === other.system && one.value === other.value),
    )
  )
}
