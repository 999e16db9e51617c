import { argv, stdout } from 'node:process'
import { startEmbedded } from '#embedded/supervisor.ts'

/** A process that owns an embedded PostgreSQL, for the tests that kill it: prints one line, then waits. */
const [, , dataDir = ''] = argv
try {
  const embedded = await startEmbedded({ dataDir })
  stdout.write(`${JSON.stringify({ pid: embedded.pid, connection: embedded.connection })}\n`)
  process.on('SIGTERM', () => void embedded.stop())
} catch (error) {
  stdout.write(
    `${JSON.stringify({ refused: error instanceof Error && 'code' in error ? error.code : 'unknown', message: String(error) })}\n`,
  )
}
