/** Logs 24 MB to standard output, run by log.test.ts with a pipe that nobody reads; needs --expose-gc. */
import { setImmediate as turn } from 'node:timers/promises'
import { createLog } from '#observe/log.ts'

const log = createLog({ level: 'info' })
const before = heapMegabytes()
for (let round = 0; round < 100; round++) {
  for (let line = 0; line < 500; line++) log.info({ event: 'flood', reason: 'x'.repeat(400) })
  await turn()
}
process.stderr.write(`still serving, ${heapMegabytes() - before < 12 ? 'and bounded' : 'without bound'}\n`)

function heapMegabytes(): number {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed / 1024 / 1024
}
