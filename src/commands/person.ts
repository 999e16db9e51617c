/** `sluse person`: two subjects turn out to be one citizen, or not to be. docs/operations/merging-persons.md */
import type { Command } from 'commander'
import type { RegistryIo } from './registry/run.ts'

export function addPersonCommands(program: Command, io: RegistryIo): void {
  const person = program
    .command('person')
    .description('citizens known by two numbers: merge, unmerge, confirm what was suspended')
    .addHelpText(
      'after',
      `
Citizens are read from standard input, one a line, since a command line is kept and shown: a subject id, or
cpr:…, x-ecpr:…, fnr:…, dnr:… or fhn:… with the number. End the input with Ctrl-D.`,
    )
  const changing = (name: string): Command =>
    person.command(name).option('--as <name>', 'who does this, for the audit log; otherwise your user name')

  changing('merge')
    .description('the citizen of the first line is the one of the second; every consent of both is suspended')
    .action(async (options: { readonly as?: string }) => {
      const { merge } = await import('./person-merge.ts')
      await merge(io, await standardInput(), options.as)
    })
  changing('unmerge')
    .description('the citizen of the line is nobody else; every consent is suspended again')
    .action(async (options: { readonly as?: string }) => {
      const { unmerge } = await import('./person-merge.ts')
      await unmerge(io, await standardInput(), options.as)
    })
  person
    .command('suspended')
    .description('the consents that wait for a person, oldest first')
    .action(async () => {
      const { listSuspended } = await import('./person-confirm.ts')
      await listSuspended(io)
    })
  changing('confirm')
    .description('a consent that was suspended counts again, as it stands: ask the citizen first')
    .argument('<consent>', 'its id, as `person suspended` says it')
    .action(async (consentId: string, options: { readonly as?: string }) => {
      const { confirm } = await import('./person-confirm.ts')
      await confirm(io, consentId, options.as)
    })
}

async function standardInput(): Promise<string> {
  process.stdin.setEncoding('utf8')
  let text = ''
  for await (const chunk of process.stdin) text += String(chunk)
  return text
}
