/** `sluse client`: the systems that act for the organisations. Each flag is a field of the registry file. */
import type { Command } from 'commander'
import type { OverrideFlags } from './client-allow-override.ts'
import type { ClientFlags } from './client-entry-of-flags.ts'
import type { RotateFlags } from './client-rotate.ts'
import { withChange } from './org.ts'
import type { ChangeOptions, RegistryIo } from './registry/run.ts'

export function addClientCommands(program: Command, io: RegistryIo): void {
  const client = program
    .command('client')
    .description(
      'the systems that act for them: add, change, list, show, rotate, disable, enable, allow-override',
    )

  withFields(client.command('add'))
    .description('register a system, or those of a file; one that is registered so already is left alone')
    .argument('[id]', 'its client id: 3 to 64 letters, digits, `.`, `_` and `-`')
    .option('--organization <organisation>', 'whom it acts for: id, or number as scheme:number')
    .option('--generate-key <file>', 'make a key pair: the private key into this file, mode 0600')
    .option('--file <file>', 'a registry file, for many at once')
    .action(async (id: string | undefined, options: ClientFlags) => {
      const { addClients } = await import('./client-add.ts')
      await addClients(io, id, options)
    })
  withFields(client.command('change'))
    .description('change what is named and leave the rest; its organisation stays')
    .argument('[id]')
    .option('--file <file>', 'a registry file, for many at once')
    .action(async (id: string | undefined, options: ClientFlags) => {
      const { changeClients } = await import('./client-change.ts')
      await changeClients(io, id, options)
    })
  client
    .command('list')
    .description('all of them')
    .option('--json', 'for a program')
    .action(async (options: { json?: true }) => {
      const { listClients } = await import('./client-list.ts')
      await listClients(io, options)
    })
  client
    .command('show')
    .description('one, with its public keys')
    .argument('<id>')
    .option('--json', 'for a program')
    .action(async (id: string, options: { json?: true }) => {
      const { showClient } = await import('./client-show.ts')
      await showClient(io, id, options)
    })
  withChange(client.command('rotate'))
    .description('first give it a second key, then take away the first: both count meanwhile')
    .argument('<id>')
    .option('--add-key <file>', 'its new public key: a key set, a key, or PEM')
    .option('--generate-key <file>', 'make the new pair: the private key into this file, mode 0600')
    .option('--retire <kid>', 'the old key, once nothing signs with it any more')
    .action(async (id: string, options: RotateFlags) => {
      const { rotateKeys } = await import('./client-rotate.ts')
      await rotateKeys(io, id, options)
    })
  for (const [verb, what] of [
    ['disable', 'take away its access, within seconds and with the tokens that it has'],
    ['enable', 'give it back its access'],
  ] as const)
    withChange(client.command(verb))
      .description(what)
      .argument('<id>')
      .action(async (id: string, options: ChangeOptions) => {
        const { setDisabled } = await import('./client-disable.ts')
        await setDisabled(io, id, verb === 'disable', options)
      })
  withChange(client.command('allow-override'))
    .description('name who may break the glass through it: these and nobody else')
    .argument('<id>')
    .option(
      '--person <system|number...>',
      'by authorisation number, such as `https://autregweb.sst.dk|0XX99`',
    )
    .option('--none', 'nobody any more')
    .action(async (id: string, options: OverrideFlags) => {
      const { allowOverride } = await import('./client-allow-override.ts')
      await allowOverride(io, id, options)
    })
}

function withFields(command: Command): Command {
  return withChange(command)
    .option('--profile <profile>', 'smart (the default), udap or helseid')
    .option('--keys-file <file>', 'its public keys: a key set, a key, or PEM')
    .option('--jwks-url <url>', 'where its public keys are published')
    .option('--token-issuer <url>', 'whose tokens it comes with, when not ours')
    .option('--resource-server', 'it asks about the tokens of others; oversight alone')
    .option('--assertion-algorithms <alg...>', 'what it signs with beside what its profile has; `none`')
    .option('--scopes <scope...>', 'what it may ask for, such as system/CarePlan.rs')
    .option('--purposes-of-use <code...>', 'what it acts for, of v3-ActReason, such as TREAT')
    .option('--may-override', 'emergency purposes too, and persons who break the glass')
    .option('--address-ranges <cidr...>', 'where it may come from; `none` for anywhere')
}
