/** The actors of a provision by what their role makes of them: who receives, who holds, who wrote. https://hl7.org/fhir/R4/v3/ParticipationType/cs.html */
import { PARTICIPATION_SYSTEM } from '#label/code-system.ts'
import type { ReadingPlace } from './reading-place.ts'
import { type Faults, isFields, itemsOf, readConcept, readFields, readList } from './element-reader.ts'
import { type Contained, type PartyName, readPartyName } from './party-name.ts'

export interface RoleActor {
  readonly name: PartyName
  /** False for a coded role that stands in no rule: no permit may rest on it, and a deny reads it as the recipient. */
  readonly roleIsKnown: boolean
  /** Of whose data a block speaks: of the unit's own, or of those below it as well. */
  readonly block?: 'unit' | 'unit-and-below'
}

/** Three criteria of their own: from the hospital (CST) to the municipality (IRCP) takes both. */
export interface ActorCriteria {
  readonly recipients?: readonly RoleActor[]
  readonly sources?: readonly RoleActor[]
  readonly authors?: readonly RoleActor[]
}

export function readActors(
  value: unknown,
  { expression, faults, contained, block }: ReadingPlace,
): ActorCriteria {
  const actors = readList(value, `${expression}.actor`, faults, (item, at, into) =>
    reaching(readActor(item, at, into, contained), item, block),
  )
  if (!actors) return {}
  // An empty list of actors names nobody; it must not read as "anybody".
  if (actors.length === 0) return { recipients: [] }
  const [recipients, sources, authors] = (['recipients', 'sources', 'authors'] as const).map((group) =>
    actors.filter((actor) => actor.group === group),
  )
  return {
    ...(recipients?.length && { recipients }),
    ...(sources?.length && { sources }),
    ...(authors?.length && { authors }),
  }
}

const INCLUDES_SUB_UNITS = 'https://sluse.example/fhir/StructureDefinition/includes-sub-units'

/** NSP: a block of an organisation's data is of that organisation, unless it says that those below it are meant too. */
function reaching(actor: RoleActor & Role, value: unknown, block: boolean): RoleActor & Role {
  if (!block || actor.group !== 'sources') return actor
  const below = itemsOf(isFields(value) ? value['extension'] : undefined).some(
    ({ url, valueBoolean }) => url === INCLUDES_SUB_UNITS && valueBoolean === true,
  )
  return { ...actor, block: below ? 'unit-and-below' : 'unit' }
}

interface Role {
  readonly group: keyof ActorCriteria
  readonly roleIsKnown: boolean
}

function readActor(
  value: unknown,
  expression: string,
  faults: Faults,
  contained: Contained,
): RoleActor & Role {
  const { role, reference } = readFields(value, expression, faults)
  const before = faults.length
  const read = readRole(role, `${expression}.role`, faults)
  const isGarbled = faults.slice(before).some(({ code }) => code === 'element-malformed')
  // Without a reference, or in a role that may have been another, the actor is nobody of whom anything can be told.
  const named = isGarbled ? {} : (reference ?? {})
  return { name: readPartyName(named, `${expression}.reference`, faults, contained), ...read }
}

/** v3-ParticipationType and v3-RoleCode of those who receive; CST holds the data, AUT wrote it. */
const recipientRoles: ReadonlySet<string> = new Set(
  'IRCP PRCP NOT REFB REFT TRC GRANTEE DELEGATEE'.split(' '),
)
const ROLE_SYSTEMS: ReadonlySet<string | undefined> = new Set([
  PARTICIPATION_SYSTEM,
  'http://terminology.hl7.org/CodeSystem/v3-RoleCode',
])

function readRole(value: unknown, expression: string, faults: Faults): Role {
  const codings = value === undefined ? [] : readConcept(value, expression, faults)
  if (codings.length === 0) {
    faults.push({ code: 'role-assumed', expression })
    return { group: 'recipients', roleIsKnown: true }
  }
  const codes = codings.map(({ system, code }) => (ROLE_SYSTEMS.has(system) ? code : undefined))
  if (codes.every((code) => code === 'CST')) return { group: 'sources', roleIsKnown: true }
  if (codes.every((code) => code === 'AUT')) return { group: 'authors', roleIsKnown: true }
  return {
    group: 'recipients',
    roleIsKnown: codes.every((code) => code !== undefined && recipientRoles.has(code)),
  }
}
