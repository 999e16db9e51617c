import { clientEntryOfFlags, type ClientFlags } from './client-entry-of-flags.ts'
import { keyLine, withMadeKey } from './registry/made-key.ts'
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
