/** Who belongs to a group or a care team at an instant. https://hl7.org/fhir/R4/group.html, https://hl7.org/fhir/R4/careteam.html */
import { type Fields, isFields } from './element-reader.ts'
import type { LocalInstant } from './instant.ts'
import { containedIn, type PartyName, partyNameIn } from './party-name.ts'
import { positionAt, readPeriod } from './period.ts'
import { and, type Truth } from './truth.ts'

export interface Members {
  readonly members: readonly { readonly name: PartyName; readonly counts: Truth }[]
  /** Whether the group as such is in force. */
  readonly counts: Truth
}

export function membersOf(group: Fields, at: LocalInstant): Members {
  const isTeam = group['resourceType'] === 'CareTeam'
  const listed = group[isTeam ? 'participant' : 'member']
  // A group that is described by characteristics, or counted and not listed, has members that nobody can name.
  if (!Array.isArray(listed)) return { members: [UNNAMED], counts: 'unknown' }
  const contained = containedIn(group)
  const members = listed.map((item: unknown) => {
    const member = isFields(item) ? item : {}
    const name = partyNameIn(member[isTeam ? 'member' : 'entity'] ?? {}, contained)
    return { name, counts: and(covers(member['period'], at), isActive(member['inactive'], false)) }
  })
  const counts = isTeam
    ? and(covers(group['period'], at), statusCounts(group['status']))
    : and(isActive(group['active'], true), group['actual'] === false ? 'unknown' : true)
  return { members, counts }
}

const UNNAMED = { name: partyNameIn({}, new Map()), counts: 'unknown' } as const

function covers(period: unknown, at: LocalInstant): Truth {
  if (period === undefined) return true
  const position = positionAt(readPeriod(period), at)
  return position === 'unreadable' ? 'unknown' : position === 'within'
}

/** A flag that is not there says nothing against the member; one that is no flag leaves it open. */
function isActive(flag: unknown, active: boolean): Truth {
  if (flag === undefined) return true
  return typeof flag === 'boolean' ? flag === active : 'unknown'
}

const ENDED: ReadonlySet<unknown> = new Set(['proposed', 'suspended', 'inactive', 'entered-in-error'])

function statusCounts(status: unknown): Truth {
  if (status === undefined || status === 'active') return true
  return ENDED.has(status) ? false : 'unknown'
}
