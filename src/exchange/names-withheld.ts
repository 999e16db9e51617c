/**
 * What a release would give away of other records by naming them: each record that it names in any way is decided about
 * for the same reader, and so on. It depends on what is stored alone, never on what else was asked for: a record reads the
 * same on a page of one as on a page of many.
 */
import { withheldNames } from '#redact/withheld-names.ts'
import { identifiersIn, type Names } from '#redact/names.ts'
import { heldIdIn } from '#fhir/held-types.ts'
import { currentNamed, type StoredResource } from '#store/resources.ts'
import { type Decided, decideStored, type Door } from './decide-stored.ts'

export async function namesWithheld(door: Door, decided: readonly Decided[]): Promise<Names> {
  const before = new Map(decided.map((each) => [each.stored.versionId, each]))
  const named = new Map<string, Decided>()
  const asked = new Set<string>()
  for (let frontier = decided; frontier.length > 0;) {
    const found = await notAskedBefore(door, frontier, asked)
    const fresh = found.filter(({ id }) => !named.has(id))
    const others = await decideStored(
      door,
      fresh.filter(({ versionId }) => !before.has(versionId)),
    )
    frontier = [...others, ...fresh.flatMap(({ versionId }) => before.get(versionId) ?? [])]
    for (const each of frontier) named.set(each.stored.id, each)
  }
  return withheldNames([...named.values()])
}

async function notAskedBefore(
  { tx }: Door,
  decided: readonly Decided[],
  asked: Set<string>,
): Promise<readonly StoredResource[]> {
  const keys = decided
    .filter(isForAnother)
    .flatMap(({ stored: { subjectId, content } }) => [
      ...idsIn(content).map((id) => ({ subjectId, id })),
      ...[...identifiersIn(content)].map((identifier) => ({ subjectId, identifier })),
    ])
  const fresh = keys.filter((key) => {
    const name = Object.values(key).join('|')
    return !asked.has(name) && asked.add(name)
  })
  return fresh.length === 0 ? [] : currentNamed(tx, fresh)
}

/** Whoever holds a record reads it as it is. */
function isForAnother({ decision }: Decided): boolean {
  return decision.effect === 'permit' && decision.reason !== 'own-record'
}

/** Wherever it stands: in a reference, an address, an extension or a text. */
function idsIn(resource: object): readonly string[] {
  const found = JSON.stringify(resource).match(NAME) ?? []
  return [...new Set(found)].flatMap((name) => heldIdIn(name) ?? [])
}

const NAME = /[A-Z][A-Za-z]+\/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g
