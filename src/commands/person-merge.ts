/** `sluse person merge` and `unmerge`. No number is printed: subjects are named by their random ids. */
import { readConfig } from '#config/config.ts'
import { readKeys, ringsAt } from '#config/keys.ts'
import { GatewayError } from '#fhir/gateway-error.ts'
import { personSystem, readPersonIdentifier } from '#fhir/person-identifier.ts'
import type { Queryable } from '#store/database.ts'
import { mergeAudited, type Operator, unmergeAudited } from '#store/link-persons.ts'
import { type Linked, PersonsUnfit } from '#store/merged-persons.ts'
import { findSubject } from '#store/persons.ts'
import { createSeal, type Seal } from '#store/seal.ts'
import { operatorName, type RegistryIo } from './registry/run.ts'
import { withDatabase } from './open-database.ts'

export async function merge(io: RegistryIo, input: string, as: string | undefined): Promise<void> {
  const by = operatorOf(io, as)
  const [first, second] = linesOf(input, 2)
  const linked = await withCitizens(io, async (database, seal) => {
    const [from, into] = [
      await subjectNamed(database, seal, first, 1),
      await subjectNamed(database, seal, second, 2),
    ]
    return database.transaction((tx) => mergeAudited(tx, by, { from, into }))
  })
  io.print(`${linked.subjectIds.join(' and ')} are one citizen`)
  printSuspended(io, linked)
}

export async function unmerge(io: RegistryIo, input: string, as: string | undefined): Promise<void> {
  const by = operatorOf(io, as)
  const [line] = linesOf(input, 1)
  const linked = await withCitizens(io, async (database, seal) => {
    const subjectId = await subjectNamed(database, seal, line, 1)
    const unmerged = await database.transaction((tx) => unmergeAudited(tx, by, subjectId))
    return { ...unmerged, subjectId }
  })
  io.print(`${linked.subjectId} is a citizen alone`)
  printSuspended(io, linked)
}

export function operatorOf({ user, now, newId }: RegistryIo, as: string | undefined): Operator {
  return { operator: operatorName(as ?? user()), now, newId }
}

function printSuspended({ print }: RegistryIo, { suspended }: Linked): void {
  if (suspended.length === 0) return print('no consent is in force, so none is suspended')
  print('nothing of this citizen is exchanged until a person has confirmed each of these:')
  for (const { consentId } of suspended) print(`  sluse person confirm ${consentId}`)
}

function withCitizens<T>(
  { now }: RegistryIo,
  work: (database: Parameters<Parameters<typeof withDatabase>[1]>[0], seal: Seal) => Promise<T>,
): Promise<T> {
  const config = readConfig()
  const seal = createSeal(ringsAt(readKeys(config.keysFile, { makeIfMissing: false }), now()))
  return withDatabase(config, async (database) => {
    try {
      return await work(database, seal)
    } catch (error) {
      if (error instanceof PersonsUnfit) throw fault(error.message)
      throw error
    }
  })
}

function linesOf(input: string, count: 1): readonly [string]
function linesOf(input: string, count: 2): readonly [string, string]
function linesOf(input: string, count: 1 | 2): readonly string[] {
  const lines = input
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  if (lines.length !== count)
    throw fault(`found ${lines.length} lines on standard input: send ${count}, one citizen a line`)
  return lines
}

const schemes: Readonly<Record<string, string>> = {
  cpr: personSystem.cpr,
  'x-ecpr': personSystem.xEcpr,
  fnr: personSystem.fnr,
  dnr: personSystem.dnr,
  fhn: personSystem.fhn,
}

/** A number that is nobody's is not repeated: what is written to a terminal ends up in a log. */
async function subjectNamed(db: Queryable, seal: Seal, line: string, at: number): Promise<string> {
  const uuid = /^(?:Patient\/)?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(line)?.[1]
  if (uuid) return uuid
  const [, scheme = '', value = ''] = /^([a-z-]+):\s*(.+)$/.exec(line) ?? []
  const system = Object.hasOwn(schemes, scheme) ? schemes[scheme] : undefined
  if (system === undefined)
    throw fault(
      `line ${at} names no citizen: send a subject id, or ${Object.keys(schemes).join(':, ')}: and a number`,
    )
  const found = await findSubject(db, seal, readPersonIdentifier(system, value, `line ${at}`))
  if (!found) throw fault(`line ${at} names nobody here: no organisation has sent this number`)
  return found
}

function fault(text: string): GatewayError {
  return new GatewayError({ code: 'field-invalid', expression: 'stdin', text })
}
