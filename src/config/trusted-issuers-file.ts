/** The file that SLUSE_TRUSTED_ISSUERS names: JSON, read once at the start. What it must say: auth/trusted-issuers.ts. */
import { readFileSync } from 'node:fs'
import { ConfigError } from './config.ts'

/** @throws ConfigError: one line that says what to do. */
export function readTrustedIssuersFile<T>(file: string | undefined, read: (value: unknown) => T): T {
  if (file === undefined) return read([])
  try {
    return read(JSON.parse(readFileSync(file, 'utf8')))
  } catch (error) {
    const what = error instanceof Error ? error.message : 'it cannot be read'
    throw new ConfigError([
      `the file at SLUSE_TRUSTED_ISSUERS is not usable: ${what} (docs/operations/trusted-issuers.md)`,
    ])
  }
}
