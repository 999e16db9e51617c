/** The sandbox clients' private keys, made on the first start and kept beside the data: `<dataDir>/clients/<id>.json`. */
import { generateKeyPairSync } from 'node:crypto'
import { existsSync, linkSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { JWK } from 'jose'

export interface ClientFile {
  readonly clientId: string
  /** Separated by spaces, as the token request wants them. */
  readonly scope: string
  readonly key: JWK
}

export function readOrMakeClientFile(
  dataDir: string,
  clientId: string,
  scopes: readonly string[],
): ClientFile {
  const file = fileOf(dataDir, clientId)
  if (!existsSync(file)) {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' })
    const key = { ...privateKey.export({ format: 'jwk' }), kid: `${clientId}-1`, alg: 'ES384' }
    mkdirSync(join(dataDir, 'clients'), { recursive: true, mode: 0o700 })
    writeOnce(file, `${JSON.stringify({ clientId, scope: scopes.join(' '), key }, null, 2)}\n`)
  }
  return readClientFile(dataDir, clientId)
}

/** Whole or not at all: of two starters the second reads the first one's key, and neither reads half of one. */
function writeOnce(file: string, text: string): void {
  const own = `${file}.${process.pid}`
  writeFileSync(own, text, { mode: 0o600 })
  try {
    linkSync(own, file)
  } catch (error) {
    if (!existsSync(file)) throw error
  } finally {
    rmSync(own)
  }
}

/** @throws one line that names the clients there are. */
export function readClientFile(dataDir: string, clientId: string): ClientFile {
  const file = fileOf(dataDir, clientId)
  if (!/^[a-z0-9-]{1,64}$/.test(clientId) || !existsSync(file)) {
    const folder = join(dataDir, 'clients')
    const known = existsSync(folder) ? namesIn(folder) : []
    throw new Error(
      known.length > 0
        ? `there is no client of that name; there are ${known.join(', ')}`
        : 'there are no sandbox clients yet; `npm start` makes them on its first start',
    )
  }
  return JSON.parse(readFileSync(file, 'utf8')) as ClientFile
}

function namesIn(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => /^(.+)\.json$/.exec(name)?.[1] ?? [])
}

/** What is registered: the public half. */
export function publicKeys({ key }: ClientFile): { keys: JWK[] } {
  const { d: _private, ...rest } = key
  return { keys: [rest] }
}

function fileOf(dataDir: string, clientId: string): string {
  return join(dataDir, 'clients', `${clientId}.json`)
}
