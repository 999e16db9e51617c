import { clientEntryOfFlags } from './client-entry-of-flags.ts'
import type { ClientFlags } from './client.ts'
import { makeKeyFile, type MadeKey } from './registry/key-file.ts'
import { putClients } from './registry/put-clients.ts'
import { placeOfClientFlag } from './registry/registry-file.ts'
import { entriesOf, type RegistryIo, runChange } from './registry/run.ts'

/** `sluse client add` */
export async function addClients(io: RegistryIo, id: string | undefined, flags: ClientFlags): Promise<void> {
  await runChange(io, flags, async (registering) => {
    const { file } = flags
    if (file !== undefined) return putClients(registering, entriesOf(file, 'clients'), 'add')
    return withMadeKey(flags, async (made) => {
      const entry = clientEntryOfFlags(id, flags, made && { keys: [made.publicKey] })
      const told = await putClients(registering, [{ entry, place: placeOfClientFlag }], 'add')
      return {
        ...told,
        lines: [...told.lines, ...(made && !flags.dryRun ? [keyLine(flags.generateKey)] : [])],
      }
    })
  })
}

/** The file goes again when the registration fails, and after a dry run: a key that nobody registered opens nothing. */
export async function withMadeKey<T>(
  { generateKey, dryRun }: Pick<ClientFlags, 'generateKey' | 'dryRun'>,
  work: (made: MadeKey | undefined) => Promise<T>,
): Promise<T> {
  const made = generateKey === undefined ? undefined : makeKeyFile(generateKey)
  try {
    const result = await work(made)
    if (dryRun) made?.discard()
    return result
  } catch (error) {
    made?.discard()
    throw error
  }
}

export function keyLine(file: string | undefined): string {
  return `its private key is in ${file}: bring it to the system on a safe way, then remove the file; no other copy is kept`
}
