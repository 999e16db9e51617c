/** The question that `decide()` is asked about one stored resource: who, whose, held by whom, and what its law says. */
import type { AccessRequest, LegalBasisClaim, Subject } from '#consent/access-request.ts'
import { parseLocalInstant } from '#consent/instant.ts'
import { birthDateOf } from '#fhir/birth-date.ts'
import { personSystem } from '#fhir/person-identifier.ts'
import { legalFrame } from '#law/frame.ts'
import type { LawBook } from '#law/law-book.ts'
import type { LegalFrame } from '#law/legal-frame.ts'
import type { Citizen } from '#store/merged-persons.ts'
import type { Organization } from '#store/organizations.ts'
import type { NationalId } from '#store/persons.ts'
import { partyById } from './party.ts'

export interface Asking {
  readonly recipientId: string
  readonly action: AccessRequest['action']
  readonly now: Date
  /** What the requester names as its basis, where it does. */
  readonly legalBasis?: LegalBasisClaim
}

export interface AccessQuestion {
  readonly request: Omit<AccessRequest, 'purposeOfUse' | 'override'>
  /** Absent when the registry does not have the custodian: then there is no law to go by, and nobody who holds it either. */
  readonly law?: LegalFrame
}

export function accessQuestion(
  law: LawBook,
  asking: Asking,
  subject: Subject,
  { custodianId, organizations }: { custodianId: string; organizations: ReadonlyMap<string, Organization> },
): AccessQuestion {
  const recipient = partyById(asking.recipientId, organizations)
  const custodian = partyById(custodianId, organizations)
  const holder = organizations.get(custodianId)
  const timeZone = holder?.timeZone ?? 'Europe/Copenhagen'
  const now = asking.now.toISOString()
  const frame =
    holder &&
    legalFrame(law, {
      jurisdiction: holder.jurisdiction,
      day: parseLocalInstant(now, timeZone)?.day() ?? now.slice(0, 10),
      recipientUnitType: recipient.unitType,
      custodianUnitType: custodian.unitType,
      action: asking.action,
    })
  const legalBasis = asking.legalBasis ?? basisWithoutDemands(frame)
  return {
    request: {
      patient: subject,
      recipient,
      custodian,
      timeZone,
      action: asking.action,
      now,
      ...(legalBasis && { legalBasis }),
    },
    ...(frame && { law: frame }),
  }
}

/** A notice that the law has sent by itself, such as that of an admission, nobody has to claim. RSL 12c */
function basisWithoutDemands(frame: LegalFrame | undefined): LegalBasisClaim | undefined {
  const basis = frame?.withoutConsent.find(({ demands, eventOnly }) => eventOnly && demands.length === 0)
  return basis && { code: basis.code }
}

/** By our ids alone: the national number stands nowhere in what is stored. It tells the age. */
export function subjectOf(
  subjectId: string,
  nationalIds: readonly NationalId[],
  citizen: Citizen = { subjectIds: [subjectId], isSuspended: false },
): Subject {
  const [birthDate] = nationalIds.flatMap(birthDates)
  return {
    references: citizen.subjectIds.map((each) => `Patient/${each}`),
    identifiers: [],
    ...(birthDate !== undefined && { birthDate }),
    // After a merge, until a person has confirmed the consents: no consent, law or override may be relied on.
    ...(citizen.isSuspended && { identity: 'unsafe' }),
  }
}

function birthDates({ system, value }: NationalId): readonly string[] {
  const known = Object.values(personSystem).find((each) => each === system)
  const birthDate = known && birthDateOf({ system: known, value })
  return birthDate === undefined ? [] : [birthDate]
}
