import { readConfig } from '#config/config.ts'
import { migrateQueue } from '#queue/postgres-backend.ts'
import { migrate } from '#store/migrate.ts'

export async function migrateOnce(print: (line: string) => void): Promise<void> {
  const { database, redisUrl } = readConfig()
  if (database.kind !== 'url') {
    throw new Error(
      'there is nothing to migrate without DATABASE_URL: the embedded database is brought up to date by `npm start`',
    )
  }
  const applied = await migrate({ connectionString: database.url }, (client) =>
    redisUrl ? Promise.resolve() : migrateQueue(client),
  )
  print(applied.length > 0 ? `applied ${applied.join(', ')}` : 'the schema was up to date')
}
