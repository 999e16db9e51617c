/** How a registry command runs: who does it, on which database, what is said, and how it is refused. */
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { readLaw } from '#assets/law.ts'
import { type Fault, GatewayError } from '#fhir/gateway-error.ts'
import { isPersonal } from './is-personal.ts'
import { readKeyFile } from './key-file.ts'
import type { OpenRegistry } from './registry-access.ts'
import type { Registering, Told } from './registering.ts'
import { placeInFile, type Place, readRegistryFile, type RegistryFile } from './registry-file.ts'

const ROOT = new URL('../../../', import.meta.url)

/** What a command has of the world. */
export interface RegistryIo {
  readonly open: () => Promise<OpenRegistry>
  readonly print: (line: string) => void
  readonly warn: (line: string) => void
  readonly now: () => Date
  readonly newId: () => string
  /** The name that the operating system knows the operator by. */
  readonly user: () => string
}

/** Of every command that changes something. */
export interface ChangeOptions {
  readonly as?: string
  readonly dryRun?: true
}

/** Ends the command: a line for each fault, `code field: what was found; what to do`. */
export class CommandRefused extends Error {
  override readonly name = 'CommandRefused'

  constructor(faults: readonly Fault[], cause: unknown) {
    super(faults.map(({ code, expression = '$', text }) => `${code} ${expression}: ${text}`).join('\n'), {
      cause,
    })
  }
}

export async function runChange(
  io: RegistryIo,
  { as, dryRun = false }: { readonly as?: string; readonly dryRun?: boolean },
  work: (registering: Registering) => Promise<Told>,
): Promise<void> {
  await withRegistry(io, async (registry) => {
    const { now, newId } = io
    const told = await work({
      registry,
      registrar: { operator: operatorName(as ?? io.user()), now, newId },
      unitTypes: readLaw(ROOT, []).unitTypes,
      dryRun,
    })
    for (const line of told.warnings) io.warn(`warning ${line}`)
    for (const line of told.lines) io.print(line)
    if (dryRun) io.print('nothing was changed: this was a dry run')
  })
}

/** Faults become a refusal, and what the database says becomes what an operator can do about it. */
export async function withRegistry(
  io: RegistryIo,
  work: (registry: OpenRegistry) => Promise<void>,
): Promise<void> {
  let registry: OpenRegistry | undefined
  try {
    registry = await io.open()
    await work(registry)
  } catch (error) {
    if (error instanceof GatewayError && error.code === 'store-unavailable')
      throw new Error(
        'the database does not answer; check DATABASE_URL, or that the gateway runs, and try again',
        {
          cause: error,
        },
      )
    if (error instanceof GatewayError) throw new CommandRefused(error.faults, error)
    if (isOldSchema(error))
      throw new Error('the schema of the database is older than this command; run `sluse migrate` first', {
        cause: error,
      })
    throw error
  } finally {
    await registry?.close()
  }
}

/** undefined_table, undefined_column, undefined_function: PostgreSQL Appendix A. */
function isOldSchema(error: unknown): boolean {
  return error instanceof Error && 'code' in error && ['42P01', '42703', '42883'].includes(String(error.code))
}

/** It stands in the audit log, where no national id may. */
export function operatorName(name: string): string {
  if (/^[^\p{C}]{1,80}$/u.test(name) && name.trim() !== '' && !isPersonal(name)) return name.trim()
  throw new GatewayError({
    code: 'field-invalid',
    expression: '--as',
    text: 'this is no name for the audit log; send 1 to 80 characters that say who you are, without a national id',
  })
}

/** @throws with every fault of the form at once. */
export function readFileOfRegistry(file: string): RegistryFile {
  let content: unknown
  try {
    content = JSON.parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    throw new GatewayError(
      {
        code: 'body-malformed',
        expression: '--file',
        text: 'the file cannot be read as JSON; src/commands/registry/registry-file.schema.json says what it holds',
      },
      { cause },
    )
  }
  const { clients, ...rest } = readRegistryFile(content)
  const withKeys = clients?.map((client, index) => {
    if (client.keysFile === undefined) return client
    const expression = placeInFile('clients', index)('keysFile')
    if (client.keys !== undefined) throw severalKeys(expression)
    return { ...client, keys: readKeyFile(resolve(dirname(file), client.keysFile), expression) }
  })
  return { ...rest, ...(withKeys ? { clients: withKeys } : {}) }
}

function severalKeys(expression: string): GatewayError {
  const text = 'found keys in several places; send one of keys, keysFile, jwksUrl and tokenIssuer'
  return new GatewayError({ code: 'field-invalid', expression, text })
}

export interface Placed<Entry> {
  readonly entry: Entry
  readonly place: Place
}

/** What of a file a command is about. */
export function entriesOf<List extends keyof RegistryFile>(
  file: string,
  list: List,
): readonly Placed<NonNullable<RegistryFile[List]>[number]>[] {
  const entries = readFileOfRegistry(file)[list]
  if (!entries)
    throw new GatewayError({
      code: 'field-missing',
      expression: list,
      text: `found nothing; this command takes the ${list} of a file`,
    })
  return entries.map((entry, index) => ({ entry, place: placeInFile(list, index) }))
}
