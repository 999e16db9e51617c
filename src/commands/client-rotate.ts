import { readClientKeys } from '#auth/client-keys.ts'
import { algorithmsOf } from '#auth/profiles.ts'
import { describeCode, GatewayError } from '#fhir/gateway-error.ts'
import type { ClientRegistration } from '#store/client-registrations.ts'
import { keyLine, withMadeKey } from './registry/made-key.ts'
import { changeClient } from './registry/change-client.ts'
import { readKeyFile } from './registry/key-file.ts'
import type { Registering, Told } from './registry/registering.ts'
import { type ChangeOptions, type RegistryIo, runChange } from './registry/run.ts'

export interface RotateFlags extends ChangeOptions {
  readonly addKey?: string
  readonly generateKey?: string
  readonly retire?: string
}

/**
 * `sluse client rotate`: a new key beside the old one, and later the old one away. Between the two the system changes
 * over when it likes, and no request of it fails.
 */
export async function rotateKeys(io: RegistryIo, id: string, flags: RotateFlags): Promise<void> {
  const { addKey, generateKey, retire } = flags
  await runChange(io, flags, async (registering) => {
    const asked = [addKey, generateKey, retire].filter((each) => each !== undefined)
    if (asked.length !== 1)
      throw new GatewayError({
        code: asked.length === 0 ? 'field-missing' : 'field-invalid',
        expression: '--add-key',
        text: `found ${asked.length} of them; send one of --add-key, --generate-key and --retire: a key is retired only when the new one is in use`,
      })
    if (retire !== undefined) return retireKey(registering, id, retire)
    return withMadeKey(flags, async (made) => {
      const keys = made ? { keys: [made.publicKey] } : readKeyFile(addKey ?? '', '--add-key')
      const told = await addKeys(registering, id, keys)
      return { ...told, lines: [...told.lines, ...(made && !flags.dryRun ? [keyLine(generateKey)] : [])] }
    })
  })
}

async function addKeys(registering: Registering, id: string, given: object): Promise<Told> {
  let kids: readonly string[] = []
  const lines = await changeClient(registering, id, 'given a key:', (before) => {
    requireKeysHere(before)
    const added = atFlag('--add-key', () => readClientKeys(given, algorithmsOf(before)))
    kids = added.keys.map(({ kid = '' }) => kid)
    const again = kids.find((kid) => before.jwks.keys.some((key) => key.kid === kid))
    if (again !== undefined)
      throw new GatewayError({
        code: 'field-invalid',
        expression: '--add-key',
        text: `the client has a key ${describeCode(again)} already; give the new key a \`kid\` of its own`,
      })
    const keys = [...before.jwks.keys, ...added.keys]
    return { ...before, jwks: atFlag('--add-key', () => readClientKeys({ keys }, algorithmsOf(before))) }
  })
  return {
    lines: [
      ...lines,
      ...kids.map((kid) => `  kid  ${kid}`),
      'next: let its system sign with the new key; when it does, retire the old one: sluse client rotate ' +
        `${id} --retire KID`,
    ],
    warnings: [],
  }
}

async function retireKey(registering: Registering, id: string, kid: string): Promise<Told> {
  const lines = await changeClient(registering, id, `relieved of the key ${kid}:`, (before) => {
    requireKeysHere(before)
    const keys = before.jwks.keys.filter((key) => key.kid !== kid)
    if (keys.length === before.jwks.keys.length)
      throw new GatewayError({
        code: 'not-found',
        expression: '--retire',
        text: `the client has no key of this \`kid\`; it has ${before.jwks.keys.map((key) => `\`${key.kid}\``).join(', ')}`,
      })
    if (keys.length === 0)
      throw new GatewayError({
        code: 'field-invalid',
        expression: '--retire',
        text: 'this is its last key, and without one it has no access; add the new one first, or use `sluse client disable`',
      })
    return { ...before, jwks: { keys } }
  })
  return {
    lines: [...lines, 'no new token is given for it; one that was given ends within 300 s'],
    warnings: [],
  }
}

function requireKeysHere({ jwksUrl, tokenIssuer }: ClientRegistration): void {
  const where = jwksUrl ?? tokenIssuer
  if (where !== undefined)
    throw new GatewayError({
      code: 'field-invalid',
      expression: 'ID',
      text: `its keys are not here but at ${where}: rotate them there`,
    })
}

/** A fault of a key says where in the key set it is; which flag that came by, the operator wants to know too. */
function atFlag<T>(flag: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    const [first, ...others] = error.faults.map(({ code, text, expression = '' }) => ({
      code,
      expression: flag,
      text: `${expression}: ${text}`,
    }))
    throw first ? new GatewayError([first, ...others], { cause: error }) : error
  }
}
