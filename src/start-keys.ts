/** The keys while the process runs: the file is looked at again, and a new key is used when its time has come. */
import { statSync } from 'node:fs'
import { type GatewayKeys, readKeys, ringsAt } from '#config/keys.ts'
import type { Log } from '#observe/log.ts'
import type { Database } from '#store/database.ts'
import { announceKeys } from '#store/keys-in-use.ts'
import { createSeal, type KeyRing, type ReplaceableSeal, type Seal, type SealKeys } from '#store/seal.ts'

interface KeyParts {
  readonly file: string
  readonly keys: GatewayKeys
  readonly database: Database
  readonly log: Log
  readonly now: () => Date
}

/** A look at a file's date; a new key waits minutes for its time, so that no process is behind by then. */
const LOOK_AGAIN_MS = 1_000

/** @throws when the keys are not those that the database was written with. */
export async function openSeal({
  file,
  keys,
  database,
  log,
  now,
}: KeyParts): Promise<{ readonly seal: Seal; stop(): Promise<void> }> {
  const first = ringsAt(keys, now())
  await announceKeys(database, first)
  const seal = createSeal(first)
  const state: State = { keys, inUse: first, marked: markOf(file) }
  let looking = Promise.resolve()
  let failing = false
  const look = async (): Promise<void> => {
    try {
      await lookAgain({ file, database, now, seal, log }, state)
      failing = false
    } catch (error) {
      // Once, not every second.
      if (!failing) log.error({ event: 'keys-not-replaced', err: error })
      failing = true
    }
  }
  const timer = setInterval(() => {
    looking = looking.then(look)
  }, LOOK_AGAIN_MS)
  return {
    seal,
    stop: async () => {
      clearInterval(timer)
      await looking
    },
  }
}

interface State {
  keys: GatewayKeys
  inUse: SealKeys
  marked: string
}

async function lookAgain(
  { file, database, now, seal, log }: Omit<KeyParts, 'keys'> & { readonly seal: ReplaceableSeal },
  state: State,
): Promise<void> {
  const marked = markOf(file)
  const isNew = marked !== state.marked
  if (isNew) state.keys = readKeys(file, { makeIfMissing: false })
  const next = ringsAt(state.keys, now())
  if (!isNew && sameWriting(next, state.inUse)) return
  // All can be read at once; what is written with a new one must be announced first.
  seal.replace(stillWriting(next, state.inUse))
  await announceKeys(database, next)
  seal.replace(next)
  state.inUse = next
  state.marked = marked
  log.info({ event: 'keys-replaced', count: next.seal.keys.length + next.lookup.keys.length })
}

/** A file that is replaced has another inode, also within one tick of the clock. */
function markOf(file: string): string {
  const { ino, mtimeMs, size } = statSync(file)
  return `${ino} ${mtimeMs} ${size}`
}

function sameWriting(one: SealKeys, other: SealKeys): boolean {
  return one.lookup.writing === other.lookup.writing && one.seal.writing === other.seal.writing
}

/** The new keys, written with as before; as far as the key of before is still there. */
function stillWriting(next: SealKeys, before: SealKeys): SealKeys {
  const ring = (one: KeyRing, { writing }: KeyRing): KeyRing =>
    one.keys.some(({ id }) => id === writing) ? { keys: one.keys, writing } : one
  return { ...next, lookup: ring(next.lookup, before.lookup), seal: ring(next.seal, before.seal) }
}
