/** What one provision tests, after it has taken over from its parent what it leaves empty. https://hl7.org/fhir/R4/consent.html */
import type {
  CodeableConcept,
  Coding,
  ConsentProvision,
  ConsentProvisionActor,
  ConsentProvisionData,
} from '@medplum/fhirtypes'
import { normalizeSystem, PARTICIPATION_SYSTEM } from '#label/code-system.ts'

/** An absent element is no constraint. */
export interface Criteria {
  readonly recipients?: readonly RoleActor[]
  readonly sources?: readonly RoleActor[]
  readonly authors?: readonly RoleActor[]
  readonly action?: readonly CodeableConcept[]
  readonly purpose?: readonly Coding[]
  readonly class?: readonly Coding[]
  readonly data?: readonly ConsentProvisionData[]
  readonly securityLabel?: readonly Coding[]
  /** Elements that this version cannot test: `code` and `dataPeriod`. */
  readonly untestable?: true
}

export interface RoleActor {
  readonly actor: ConsentProvisionActor
  /** False for a coded role that stands in no rule: no permit may rest on it, and a deny reads it as the recipient. */
  readonly roleIsKnown: boolean
}

/** Each element stated replaces the parent's; recipients, sources and authors count as three. */
export function inherit(
  parent: Criteria,
  { action, purpose, data, securityLabel, ...own }: ConsentProvision,
): Criteria {
  const untestable = own.code !== undefined || own.dataPeriod !== undefined
  return {
    ...parent,
    ...actorsByRole(own.actor),
    ...(action && { action }),
    ...(purpose && { purpose }),
    ...(own.class && { class: own.class }),
    ...(data && { data }),
    ...(securityLabel && { securityLabel }),
    ...(untestable && { untestable }),
  }
}

function actorsByRole(actors: readonly ConsentProvisionActor[] | undefined): Criteria {
  if (!actors) return {}
  const groups = { recipients: [] as RoleActor[], sources: [] as RoleActor[], authors: [] as RoleActor[] }
  for (const actor of actors) {
    const { group, roleIsKnown } = roleOf(actor)
    groups[group].push({ actor, roleIsKnown })
  }
  // An empty list of actors names nobody; it must not read as "anybody".
  if (actors.length === 0) return { recipients: [] }
  return Object.fromEntries(Object.entries(groups).filter(([, members]) => members.length > 0))
}

/** v3-ParticipationType and v3-RoleCode of those who receive; CST holds the data, AUT wrote it. */
const recipientRoles: ReadonlySet<string> = new Set(
  'IRCP PRCP NOT REFB REFT TRC GRANTEE DELEGATEE'.split(' '),
)
const ROLE_SYSTEMS: ReadonlySet<string> = new Set([
  PARTICIPATION_SYSTEM,
  'http://terminology.hl7.org/CodeSystem/v3-RoleCode',
])

function roleOf(actor: ConsentProvisionActor): {
  group: 'recipients' | 'sources' | 'authors'
  roleIsKnown: boolean
} {
  const codings = actor.role?.coding ?? []
  // A role without a code is read as the recipient.
  if (codings.length === 0) return { group: 'recipients', roleIsKnown: true }
  const codes = codings.map(({ system, code }) =>
    ROLE_SYSTEMS.has(normalizeSystem(system ?? '')) ? code : undefined,
  )
  if (codes.every((code) => code === 'CST')) return { group: 'sources', roleIsKnown: true }
  if (codes.every((code) => code === 'AUT')) return { group: 'authors', roleIsKnown: true }
  return {
    group: 'recipients',
    roleIsKnown: codes.every((code) => code !== undefined && recipientRoles.has(code)),
  }
}
