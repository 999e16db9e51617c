import { readConfig } from '#config/config.ts'
import { registerSandbox } from '#sandbox/register.ts'
import { createDatabase } from '#store/database.ts'

export async function seed(print: (line: string) => void): Promise<void> {
  const { database, dataDir, sandbox } = readConfig()
  if (database.kind !== 'url')
    throw new Error('the embedded sandbox is seeded by `npm start`; this command is for DATABASE_URL')
  if (!sandbox)
    throw new Error(
      'set SLUSE_SANDBOX=on: this registers synthetic organisations, which no production system may have',
    )
  const opened = createDatabase({
    connection: { connectionString: database.url },
    onPoolError: () => undefined,
  })
  try {
    const files = await registerSandbox(opened, dataDir)
    print(`registered ${[...files.keys()].join(', ')}; their keys lie in the data folder, below clients/`)
  } finally {
    await opened.close()
  }
}
