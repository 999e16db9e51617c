/** An AccessRequest that was found complete, with what the evaluation of one resource needs beside it. */
import type { Resource } from '@medplum/fhirtypes'
import type { AccessRequest, DecisionContext, Party, Subject } from './access-request.ts'
import { type LocalInstant, parseLocalInstant, parsePointInTime, type PointInTime } from './instant.ts'
import { type Chain, chainOf, withRegistry } from './known-party.ts'
import type { PartyTest } from './party-match.ts'
import { BREAK_GLASS } from './purpose-of-use.ts'
import { withRecords } from './same-person.ts'

export interface Question {
  readonly patient: Subject
  /** The birthday from which on the patient alone consents; undefined when the law or the date of birth is not known. */
  readonly comesOfAge: PointInTime | undefined
  readonly recipient: Party
  /** Nobody, in a dry run without one. */
  readonly custodian: Party
  readonly recipientChain: Chain
  readonly custodianChain: Chain
  readonly purposes: readonly string[]
  readonly action: string
  readonly at: LocalInstant
  readonly resource: Resource
  readonly resources: DecisionContext['resources']
  /** Those whose references count. A recipient that could point its own record at another would choose what it is shown. */
  readonly linking: DecisionContext['resources']
  /** How a rule of either kind looks for a party. */
  readonly partyTest: { readonly permit: PartyTest; readonly deny: PartyTest }
}

type Context = Pick<DecisionContext, 'parties' | 'resources' | 'heldBy' | 'law'>

/** Undefined when a part is missing: a request without purpose, or from nobody, is refused and never evaluated. */
export function readQuestion(
  request: AccessRequest,
  resource: Resource,
  { parties, resources, heldBy, law }: Context,
): Question | undefined {
  const { patient, recipient, custodian = NOBODY, purposeOfUse, action } = request
  const at = parseLocalInstant(request.now, request.timeZone)
  const complete = isNamed(patient) && isNamed(recipient) && (custodian === NOBODY || isNamed(custodian))
  if (!at || !complete || !actions.has(action)) return undefined
  if (purposeOfUse.length === 0 || purposeOfUse.includes('')) return undefined
  const denyCoversParents = law?.denyCoversParents ?? false
  const deny: PartyTest = { directory: parties ?? [], resources, at, denyCoversParents, effect: 'deny' }
  const permit: PartyTest = { directory: parties ?? [], resources, at, denyCoversParents, effect: 'permit' }
  return {
    patient: withRecords(patient, resources),
    comesOfAge: law && birthday(patient.birthDate, law.ageOfConsent.years),
    recipient,
    custodian,
    recipientChain: chainOf(withRegistry(recipient, deny)),
    custodianChain: custodian === NOBODY ? [] : chainOf(withRegistry(custodian, deny)),
    purposes: withoutBreakGlass(purposeOfUse),
    action,
    at,
    resource,
    resources,
    linking: resources && heldByOthers(resources, heldBy, recipient),
    partyTest: { permit, deny },
  }
}

function heldByOthers(
  resources: ReadonlyMap<string, Resource>,
  heldBy: Context['heldBy'],
  { references }: Party,
): ReadonlyMap<string, Resource> {
  if (!heldBy) return resources
  return new Map([...resources].filter(([key]) => !references.includes(heldBy.get(key) ?? '')))
}

/** Whoever was born on 29 February comes of age on 1 March of a year that has none. */
function birthday(birthDate: string | undefined, years: number): PointInTime | undefined {
  if (birthDate === undefined) return undefined
  const year = String(Number(birthDate.slice(0, 4)) + years).padStart(4, '0')
  return (
    parsePointInTime(`${year}${birthDate.slice(4)}`) ??
    (birthDate.endsWith('-02-29') ? parsePointInTime(`${year}-03-01`) : undefined)
  )
}

const actions: ReadonlySet<string> = new Set(['collect', 'access', 'use', 'disclose', 'correct'])

const NOBODY: Party = { references: [], identifiers: [], parents: [] }

function isNamed(party: Pick<Party, 'references' | 'identifiers'>): boolean {
  return (
    party.references.some((reference) => /^(?:[A-Z]\w+\/|https?:\/\/|urn:)./.test(reference)) ||
    party.identifiers.some(({ system, value }) => system !== '' && value !== '')
  )
}

/** Break-glass is decided as ordinary treatment first. */
function withoutBreakGlass(purposes: readonly string[]): readonly string[] {
  const rest = purposes.filter((purpose) => purpose !== BREAK_GLASS)
  return rest.length > 0 ? rest : ['TREAT']
}
