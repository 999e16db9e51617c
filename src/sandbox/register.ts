/** Puts the sandbox organisations and clients into the registry, as an operator would. Safe to repeat: their ids are constants. */
import { randomUUID } from 'node:crypto'
import { readClientKeys } from '#auth/client-keys.ts'
import { algorithmsOf } from '#auth/profiles.ts'
import { findRegistration } from '#store/client-registrations.ts'
import type { Database, Transaction } from '#store/database.ts'
import { registerClient, registerOrganization, type Registrar } from '#store/registry.ts'
import { type ClientFile, publicKeys, readOrMakeClientFile } from './client-files.ts'
import { type SandboxClient, sandboxClients, sandboxOrganizations } from './identities.ts'

const registrar: Registrar = { operator: 'sandbox', now: () => new Date(), newId: randomUUID }

export async function registerSandbox(
  database: Database,
  dataDir: string,
): Promise<ReadonlyMap<string, ClientFile>> {
  const files = new Map(
    sandboxClients.map(({ id, scopes }) => [id, readOrMakeClientFile(dataDir, id, scopes)] as const),
  )
  await database.transaction(async (tx) => {
    for (const organization of Object.values(sandboxOrganizations))
      await registerOrganization(tx, registrar, organization)
    for (const client of sandboxClients) {
      const file = files.get(client.id)
      if (file) await registerSandboxClient(tx, client, file)
    }
  })
  return files
}

/** What somebody set on a client of before stays: its persons, its addresses, and that it is disabled. */
export async function registerSandboxClient(
  tx: Transaction,
  { organizationIdentifiers: _of, revokedTokens: _ended, ...client }: SandboxClient,
  file: ClientFile,
): Promise<void> {
  const before = await findRegistration(tx, client.id)
  await registerClient(tx, registrar, {
    assertionAlgorithms: [],
    resourceServer: false,
    addressRanges: [],
    mayOverride: false,
    overridePersons: [],
    disabled: false,
    ...before,
    ...client,
    jwks: readClientKeys(publicKeys(file), algorithmsOf(client)),
  })
}
