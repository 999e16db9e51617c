/** The keys of a gateway that runs: what there is, a new one, and the end of an old one. docs/operations/keys.md */
import { readConfig } from '#config/config.ts'
import { type KeyKind, readKeys, removeKey, rotateKeys, writingKey } from '#config/keys.ts'
import type { Database } from '#store/database.ts'
import { type KeyInUse, keysInUse, retireKeyInUse } from '#store/keys-in-use.ts'
import { valuesUnder } from '#store/reseal.ts'
import { withDatabase } from './open-database.ts'

const MINUTE_MS = 60_000

/**
 * How long the next key must have been in use before the one before it may go: a process that is behind still writes with
 * that one.
 */
const RETIRE_AFTER_MS = 10 * MINUTE_MS

export function rotate(minutes: number, now: Date): string {
  const { keysFile } = readConfig()
  const useFrom = new Date(now.getTime() + minutes * MINUTE_MS)
  const { lookup, seal } = rotateKeys(keysFile, useFrom, now)
  return [
    `added seal key ${seal} and lookup key ${lookup}, to be used from ${useFrom.toISOString()}`,
    'copy the file to every machine that runs a gateway or a worker before then, and to its backup',
  ].join('\n')
}

export async function show(now: Date): Promise<string> {
  const config = readConfig()
  const keys = readKeys(config.keysFile, { makeIfMissing: false })
  return withDatabase(config, async (database) => {
    const inUse = await keysInUse(database)
    const lines: string[] = []
    for (const kind of ['lookup', 'seal'] as const) {
      const writing = writingKey(keys[kind], now).id
      for (const { id, createdAt, useFrom } of keys[kind]) {
        const values = await valuesUnder(database, kind, id)
        lines.push(
          `${kind} ${id}: ${stateOf({ id, writing, useFrom, now })}, made ${createdAt.toISOString()}, ${values} values need it`,
        )
      }
      const lacking = inUse.filter(
        (each) => each.kind === kind && !keys[kind].some(({ id }) => id === each.id),
      )
      lines.push(...lacking.map(({ id }) => `${kind} ${id}: in use elsewhere, and not in this file`))
    }
    return lines.join('\n')
  })
}

function stateOf(key: {
  readonly id: number
  readonly writing: number
  readonly useFrom: Date
  readonly now: Date
}): string {
  if (key.id === key.writing) return 'in use'
  return key.useFrom > key.now ? `to be used from ${key.useFrom.toISOString()}` : 'superseded'
}

/** Takes an old key out of use and out of the file. Refuses while anything needs it. */
export async function retire(kind: KeyKind, id: number, now: Date): Promise<string> {
  const config = readConfig()
  const keys = readKeys(config.keysFile, { makeIfMissing: false })
  if (!keys[kind].some((each) => each.id === id)) throw new Error(`the file has no ${kind} key ${id}`)
  const writing = writingKey(keys[kind], now).id
  if (id >= writing)
    throw new Error(`${kind} key ${id} is in use, or will be; only one before it can be retired`)
  await withDatabase(config, (database) => retireIn(database, { kind, id, writing }))
  removeKey(config.keysFile, kind, id)
  return `retired ${kind} key ${id}; backups of the database from before today still need it: keep the backup of the file with them`
}

async function retireIn(
  database: Database,
  { kind, id, writing }: { readonly kind: KeyKind; readonly id: number; readonly writing: number },
): Promise<void> {
  await database.transaction(async (tx) => {
    const next = (await keysInUse(tx)).find((each) => each.kind === kind && each.id === writing)
    const [clock] = await tx.query<{ now: Date }>({ text: 'select clock_timestamp() as now' })
    if (!next || !clock || !isSettled(next, clock.now))
      throw new Error(
        `${kind} key ${writing} has not been in use for ${RETIRE_AFTER_MS / MINUTE_MS} minutes; try again later`,
      )
    const values = await valuesUnder(tx, kind, id)
    if (values > 0)
      throw new Error(
        `${values} values still need ${kind} key ${id}; a worker that runs makes them anew: look with \`sluse keys show\``,
      )
    await retireKeyInUse(tx, kind, id)
  })
}

function isSettled({ since }: KeyInUse, now: Date): boolean {
  return now.getTime() - since.getTime() >= RETIRE_AFTER_MS
}
