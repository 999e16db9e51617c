/** Logs 20 MB to standard output, run by log.test.ts with a pipe that nobody reads. */
import { setImmediate as turn } from 'node:timers/promises'
import { createLog } from '#observe/log.ts'

const log = createLog({ level: 'info' })
for (let round = 0; round < 100; round++) {
  for (let line = 0; line < 500; line++) log.info({ event: 'flood', reason: 'x'.repeat(400) })
  await turn()
}
process.stderr.write('still serving\n')
