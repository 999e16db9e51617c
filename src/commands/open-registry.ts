import { readConfig } from '#config/config.ts'
import { openDatabase } from './open-database.ts'
import type { OpenRegistry } from './registry/registry-access.ts'

/** The registry of the gateway that is configured here. */
export function openRegistry(): OpenRegistry {
  const config = readConfig()
  const database = openDatabase(config)
  return {
    database,
    tokenUrl: `${config.baseUrl ?? `http://${config.host}:${config.port}`}/oauth/token`,
    allowHttp: config.sandbox,
    close: () => database.close(),
  }
}
