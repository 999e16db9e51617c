/** The flags of `sluse client` as the entry of a registry file that they stand for, which is then read like one. */
import { GatewayError } from '#fhir/gateway-error.ts'
import { readKeyFile } from './registry/key-file.ts'
import { type ClientEntry, placeOfClientFlag, readRegistryFile } from './registry/registry-file.ts'
import type { ChangeOptions } from './registry/run.ts'

export interface ClientFlags extends ChangeOptions {
  readonly file?: string
  readonly organization?: string
  readonly profile?: string
  readonly keysFile?: string
  readonly generateKey?: string
  readonly jwksUrl?: string
  readonly tokenIssuer?: string
  readonly resourceServer?: true
  readonly assertionAlgorithms?: readonly string[]
  readonly scopes?: readonly string[]
  readonly purposesOfUse?: readonly string[]
  readonly mayOverride?: true
  readonly addressRanges?: readonly string[]
}

export function clientEntryOfFlags(id: string | undefined, flags: ClientFlags, keys?: object): ClientEntry {
  if (id === undefined)
    throw new GatewayError({
      code: 'field-missing',
      expression: 'ID',
      text: 'found nothing; send the client id, or a file with --file',
    })
  const { as: _as, dryRun: _dryRun, file: _file, generateKey: _made, keysFile, ...fields } = flags
  if (keysFile !== undefined && keys !== undefined)
    throw new GatewayError({
      code: 'field-invalid',
      expression: '--generate-key',
      text: 'found --keys-file too; send one of them',
    })
  const found = keysFile === undefined ? keys : readKeyFile(keysFile, '--keys-file')
  const entry = {
    ...Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, noneOf(value)])),
    id,
    ...(found ? { keys: found } : {}),
  }
  const [read] = readRegistryFile({ clients: [entry] }, placeOfClientFlag).clients ?? []
  return read ?? { id }
}

function noneOf(value: unknown): unknown {
  return Array.isArray(value) && value.length === 1 && value[0] === 'none' ? [] : value
}
