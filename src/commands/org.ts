/** `sluse org`: the organisations that take part. Each flag is a field of the registry file. */
import { type Command, Option } from 'commander'
import type { OrganizationFlags } from './org-entry-of-flags.ts'
import type { RegistryIo } from './registry/run.ts'

export function addOrganizationCommands(program: Command, io: RegistryIo): void {
  const org = program.command('org').description('the organisations that take part: add, list, show, change')

  withFields(org.command('add'))
    .description(
      'register an organisation, or those of a file; one that is registered so already is left alone',
    )
    .option('--sector <sector>', 'hospital, municipality, gp or oversight')
    .option('--jurisdiction <country>', 'DK or NO: whose law it works under')
    .option('--id <uuid>', 'when another system gave it one; otherwise it is made')
    .option('--file <file>', 'a registry file, for many at once')
    .action(async (options: OrganizationFlags) => {
      const { addOrganizations } = await import('./org-add.ts')
      await addOrganizations(io, options)
    })
  withFields(org.command('change'))
    .description('change what is named and leave the rest; sector and jurisdiction stay')
    .argument('[organisation]', 'its id, or one of its numbers as scheme:number')
    .option('--file <file>', 'a registry file, for many at once')
    .action(async (reference: string | undefined, options: OrganizationFlags) => {
      const { changeOrganizations } = await import('./org-change.ts')
      await changeOrganizations(io, reference, options)
    })
  org
    .command('list')
    .description('all of them')
    .option('--json', 'for a program')
    .action(async (options: { json?: true }) => {
      const { listOrganizations } = await import('./org-list.ts')
      await listOrganizations(io, options)
    })
  org
    .command('show')
    .description('one, with what is part of it and its clients')
    .argument('<organisation>', 'its id, or one of its numbers as scheme:number')
    .option('--json', 'for a program')
    .action(async (reference: string, options: { json?: true }) => {
      const { showOrganization } = await import('./org-show.ts')
      await showOrganization(io, reference, options)
    })
}

function withFields(command: Command): Command {
  return withChange(command)
    .option('--name <name>', 'as its staff would say it')
    .option('--time-zone <zone>', 'such as Europe/Copenhagen, which is the default in DK')
    .option('--unit-type <code>', 'what it does, of docs/law.md: it chooses the law of a disclosure to it')
    .option('--sor <code...>', 'SOR')
    .option('--gln <number...>', 'GLN, also called EAN')
    .option('--ydernummer <number...>', 'provider number')
    .option('--kommunekode <code...>', 'municipality code')
    .option('--cvr <number...>', 'CVR')
    .option('--her-id <number...>', 'HER-id')
    .option('--resh <number...>', 'RESH')
    .option('--orgnr <number...>', 'Norwegian organisation number')
    .option('--part-of <organisation>', 'its id or scheme:number; `none` for nobody')
    .option('--sensitivities <code...>', 'what its name alone gives away, of v3-ActCode; `none` for nothing')
    .option('--endpoints <url...>', 'addresses that its subscriptions may send to; `none` for any')
    .option(
      '--national-id-systems <name...>',
      'cpr, xEcpr, fnr, dnr, fhn: how it names citizens; `none` for any',
    )
}

/** Of every command that changes something. */
export function withChange(command: Command): Command {
  return command
    .addOption(
      new Option('--as <name>', 'who does this, for the audit log').default(undefined, 'your user name'),
    )
    .option('--dry-run', 'check it against the database, and change nothing')
}
