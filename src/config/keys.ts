/** The gateway's own keys: one file, mode 0600, made once. Losing it means losing the way from citizens to their ids. */
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { ConfigError } from './config.ts'

export interface GatewayKeys {
  /** Finds a national id (HMAC-SHA-256). */
  readonly lookup: Buffer
  /** Seals national ids, subscribers' headers and quarantined originals (AES-256-GCM). */
  readonly seal: Buffer
  /** Signs access tokens: an ES256 private JWK. */
  readonly signing: Readonly<Record<string, unknown>>
}

export function makeKeys(file: string): void {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const keys = {
    lookup: randomBytes(32).toString('base64'),
    seal: randomBytes(32).toString('base64'),
    signing: privateKey.export({ format: 'jwk' }),
  }
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  // wx: two starters must not end up with two sets.
  writeFileSync(file, `${JSON.stringify(keys, null, 2)}\n`, { mode: 0o600, flag: 'wx' })
}

/** @throws ConfigError: one line that says what to do, and nothing of what the file holds. */
export function readKeys(file: string, { makeIfMissing }: { readonly makeIfMissing: boolean }): GatewayKeys {
  if (!existsSync(file)) {
    if (!makeIfMissing)
      throw fault(
        `there is no file at SLUSE_KEYS_FILE; make one with \`npm run -s sluse -- keys <file>\`, or give the path of the one there is`,
      )
    makeKeys(file)
  }
  const parsed = parse(readFileSync(file, 'utf8'))
  if (typeof parsed !== 'object' || parsed === null)
    throw fault('the file at SLUSE_KEYS_FILE holds no keys; restore it from its backup')
  const { lookup, seal, signing } = parsed as Record<string, unknown>
  if (
    typeof lookup !== 'string' ||
    typeof seal !== 'string' ||
    typeof signing !== 'object' ||
    signing === null
  ) {
    throw fault(
      'the file at SLUSE_KEYS_FILE needs `lookup`, `seal` and `signing`; restore it from its backup',
    )
  }
  return {
    lookup: Buffer.from(lookup, 'base64'),
    seal: Buffer.from(seal, 'base64'),
    signing: signing as Record<string, unknown>,
  }
}

/** The parser's own message would repeat a part of a key. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function fault(line: string): ConfigError {
  return new ConfigError([line])
}
