/** What was found by subject, by citizen: of one who has several subjects, all of it counts for each. */
import type { Citizen } from '#store/merged-persons.ts'

export type Citizens = ReadonlyMap<string, Citizen>

/** Subjects that were not asked about, and are one citizen with one that was. */
export function othersOf(citizens: Citizens): readonly string[] {
  const all = new Set([...citizens.values()].flatMap(({ subjectIds }) => subjectIds))
  return [...all].filter((subjectId) => !citizens.has(subjectId))
}

/** Everybody who is one citizen with one of these. */
export function withOthers(citizens: Citizens, subjectIds: readonly string[]): readonly string[] {
  const asked = new Set(subjectIds)
  const merged = [...citizens.values()].filter((citizen) =>
    citizen.subjectIds.some((each) => asked.has(each)),
  )
  return [...asked.union(new Set(merged.flatMap((citizen) => citizen.subjectIds)))]
}

/** A refusal that was given under one number holds for what was sent under the other. */
export function eachOf<T>(
  citizens: Citizens,
  bySubject: ReadonlyMap<string, readonly T[]>,
): ReadonlyMap<string, readonly T[]> {
  return new Map(
    [...citizens].map(([subjectId, citizen]) => [
      subjectId,
      citizen.subjectIds.flatMap((each) => bySubject.get(each) ?? []),
    ]),
  )
}

export function joinedOf<T>(
  citizens: Citizens,
  bySubject: ReadonlyMap<string, ReadonlyMap<string, T>>,
): ReadonlyMap<string, ReadonlyMap<string, T>> {
  return new Map(
    [...citizens].map(([subjectId, citizen]) => [
      subjectId,
      new Map(citizen.subjectIds.flatMap((each) => [...(bySubject.get(each) ?? [])])),
    ]),
  )
}
