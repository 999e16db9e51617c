/** `npm run -s sluse -- <command>`: what an operator or an integrator does beside the running gateway. */
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { Argument, Command, InvalidArgumentError, Option } from 'commander'
import { addClientCommands } from './commands/client.ts'
import { decideHelp } from './commands/decide-case/help.ts'
import { addOrganizationCommands } from './commands/org.ts'
import { addPersonCommands } from './commands/person.ts'
import type { RegistryIo } from './commands/registry/run.ts'
import { GatewayError } from '#fhir/gateway-error.ts'
import { GATEWAY_NODE, requireNode } from './node-version.ts'
import { version } from './version.ts'

requireNode(process.versions.node, GATEWAY_NODE)

const program = new Command('sluse')
  .description('Sluse: a consent gate between hospital psychiatry, municipal addiction treatment and the GP')
  .version(version)

program
  .command('start')
  .description('start the gateway and the worker, as `npm start` does')
  .action(async () => {
    await import('./main.ts')
  })

program
  .command('migrate')
  .description('bring the schema of DATABASE_URL up to date, then end: run it before a rolling upgrade')
  .action(async () => {
    const { migrateOnce } = await import('./commands/migrate-once.ts')
    await migrateOnce(print)
  })

program
  .command('seed')
  .description('register the sandbox organisations and clients in DATABASE_URL: for a test installation only')
  .action(async () => {
    const { seed } = await import('./commands/seed.ts')
    await seed(print)
  })

const keys = program
  .command('keys')
  .description('make the file named by SLUSE_KEYS_FILE, with new keys; refuses to replace one')
  .argument('<file>', 'where to write it (mode 0600)')
  .action(async (file: string) => {
    const { makeKeys } = await import('#config/keys.ts')
    makeKeys(file)
    print(`made ${file}; keep a copy apart from the database: without it no national id can be read again`)
  })

keys
  .command('show')
  .description('which keys there are, and how many stored values need each')
  .action(async () => {
    const { show } = await import('./commands/keys.ts')
    print(await show(new Date()))
  })

keys
  .command('rotate')
  .description('add a key to seal and one to find national ids with; the gateway goes on running')
  .option(
    '--in <minutes>',
    'when to begin to use them: by then every machine must have the file',
    minutes,
    10,
  )
  .action(async (options: { readonly in: number }) => {
    const { rotate } = await import('./commands/keys.ts')
    print(rotate(options.in, new Date()))
  })

keys
  .command('retire')
  .description('take an old key out of use; refused while a stored value needs it')
  .addArgument(new Argument('<kind>').choices(['seal', 'lookup']))
  .argument('<id>', 'as `keys show` says it', wholeNumber)
  .action(async (kind: 'seal' | 'lookup', id: number) => {
    const { retire } = await import('./commands/keys.ts')
    print(await retire(kind, id, new Date()))
  })

program
  .command('token')
  .description('print an access token of a sandbox client, for curl')
  .argument(
    '<client>',
    'hospital-ehr, municipality-system, gp-system, privacy-officer or municipality-privacy-officer',
  )
  .action(async (client: string) => {
    const { token } = await import('./commands/token.ts')
    print(await token(client))
  })

program
  .command('map')
  .description('show what a message becomes, or why it is refused: nothing is stored or sent')
  .argument('<format>', 'hl7v2, notifications, records, plans, condition-lists or contacts')
  .argument('<file>', 'the message')
  .action(async (format: string, file: string) => {
    const { mapMessage } = await import('./commands/map-message.ts')
    print(mapMessage(format, readFileSync(file)))
  })

program
  .command('decide')
  .description('decide about a case file as the gateway would: nothing is stored or sent')
  .argument('<file>', 'JSON: { consents, context, resources, request }; see the example below')
  .option('--explain', 'say why in sentences, as `because`')
  .addOption(new Option('--language <code>', 'of the sentences').choices(['da', 'nb', 'en']).default('en'))
  .addOption(
    new Option('--audience <reader>', 'of the sentences')
      .choices(['clinician', 'privacyOfficer', 'citizen'])
      .default('privacyOfficer'),
  )
  .addHelpText('after', decideHelp)
  .action(async (file: string, { explain, ...reader }: DecideOptions) => {
    const { createCaseDecider } = await import('./commands/decide-case.ts')
    const answer = createCaseDecider()(readCaseFile(file), explain ? reader : undefined)
    print(JSON.stringify(answer, null, 2))
  })

const registryIo: RegistryIo = {
  open: async () => (await import('./commands/open-registry.ts')).openRegistry(),
  print,
  warn: (line) => void process.stderr.write(`${line}\n`),
  now: () => new Date(),
  newId: randomUUID,
  user: () => userInfo().username,
}
addOrganizationCommands(program, registryIo)
addClientCommands(program, registryIo)
addPersonCommands(program, registryIo)

try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof GatewayError) printFaults(error)
  else process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  const isRefused =
    error instanceof GatewayError || (error instanceof Error && error.name === 'CommandRefused')
  process.exitCode = isRefused ? 2 : 1
}

interface DecideOptions {
  readonly explain?: true
  readonly language: 'da' | 'nb' | 'en'
  readonly audience: 'clinician' | 'privacyOfficer' | 'citizen'
}

function readCaseFile(file: string): Uint8Array {
  try {
    return readFileSync(file)
  } catch (cause) {
    throw new GatewayError(
      { code: 'body-empty', text: 'the file cannot be read; name one that holds a case' },
      { cause },
    )
  }
}

/** One line for each, with the place to look at. */
function printFaults({ faults }: GatewayError): void {
  for (const { expression = '$', text } of faults) process.stderr.write(`${expression}: ${text}\n`)
}

function wholeNumber(text: string): number {
  if (!/^[1-9][0-9]{0,4}$/.test(text)) throw new InvalidArgumentError('a whole number is needed')
  return Number(text)
}

function minutes(text: string): number {
  if (!/^[0-9]{1,5}$/.test(text)) throw new InvalidArgumentError('a number of minutes is needed')
  return Number(text)
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
