import { clientEntryOfFlags, type ClientFlags } from './client-entry-of-flags.ts'
import { putClients } from './registry/put-clients.ts'
import { placeOfClientFlag } from './registry/registry-file.ts'
import { entriesOf, type RegistryIo, runChange } from './registry/run.ts'

/** `sluse client change`: what is named changes, what is not stays. */
export async function changeClients(
  io: RegistryIo,
  id: string | undefined,
  flags: ClientFlags,
): Promise<void> {
  await runChange(io, flags, (registering) =>
    putClients(
      registering,
      flags.file === undefined
        ? [{ entry: clientEntryOfFlags(id, flags), place: placeOfClientFlag }]
        : entriesOf(flags.file, 'clients'),
      'change',
    ),
  )
}
