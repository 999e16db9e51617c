/** `sluse org` and `sluse client` in this process: the command line as it is typed, on a database of the test. */
import { randomUUID } from 'node:crypto'
import { Command } from 'commander'
// oxlint-disable-next-line import/no-relative-parent-imports -- no folder imports the commands, so they have no name to be imported by
import { addClientCommands } from '../../src/commands/client.ts'
// oxlint-disable-next-line import/no-relative-parent-imports -- the same
import { addOrganizationCommands } from '../../src/commands/org.ts'
import type { Database } from '#store/database.ts'

export interface Said {
  readonly lines: readonly string[]
  readonly warnings: readonly string[]
}

/** Words, and lists of words where a line would be too long. */
export type Sluse = (...words: readonly (string | readonly string[])[]) => Promise<Said>

/** Rejects as the command does, with its lines as the message. */
export function sluseOn(
  database: Database,
  { allowHttp = false, user = 'drift' }: { readonly allowHttp?: boolean; readonly user?: string } = {},
): Sluse {
  return async (...words) => {
    const lines: string[] = []
    const warnings: string[] = []
    const program = new Command('sluse').exitOverride()
    const io = {
      open: async () => ({
        database,
        tokenUrl: 'https://sluse.example/oauth/token',
        allowHttp,
        close: async () => undefined,
      }),
      print: (line: string) => void lines.push(line),
      warn: (line: string) => void warnings.push(line),
      now: () => new Date(),
      newId: randomUUID,
      user: () => user,
    }
    addOrganizationCommands(program, io)
    addClientCommands(program, io)
    await program.parseAsync(words.flat(), { from: 'user' })
    return { lines, warnings }
  }
}
