/** Puts the sandbox organisations and clients into the registry. Safe to repeat: their ids are constants. */
import { putClient } from '#store/clients.ts'
import type { Database } from '#store/database.ts'
import { putOrganization } from '#store/organizations.ts'
import { type ClientFile, publicKeys, readOrMakeClientFile } from './client-files.ts'
import { sandboxClients, sandboxOrganizations } from './identities.ts'

export async function registerSandbox(
  database: Database,
  dataDir: string,
): Promise<ReadonlyMap<string, ClientFile>> {
  for (const organization of Object.values(sandboxOrganizations))
    await putOrganization(database, organization)
  const files = new Map<string, ClientFile>()
  for (const client of sandboxClients) {
    const file = readOrMakeClientFile(dataDir, client.id, client.scopes)
    await putClient(database, { ...client, jwks: publicKeys(file) })
    files.set(client.id, file)
  }
  return files
}
