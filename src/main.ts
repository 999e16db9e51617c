/** `npm start`: the process around the gateway. Signals, progress, exit codes; everything that runs is in start.ts. */
import { GATEWAY_NODE, requireNode } from './node-version.ts'

requireNode(process.versions.node, GATEWAY_NODE)
const { readConfig, ConfigError } = await import('#config/config.ts')

try {
  const config = readConfig()
  const tracing = config.tracing ? await import('#observe/tracing.ts') : undefined
  const traces = await tracing?.startTracing()
  // Not before: tracing must patch what it traces before anything imports it, and a wrong setting needs none of it.
  const { run } = await import('./run.ts')
  const code = await run(config, traces?.queue)
  // What did not end in time must not keep the process; an embedded PostgreSQL is then ended by its watchdog.
  if (code === 0) process.exitCode = 0
  else process.exit(code)
} catch (error) {
  if (!(error instanceof ConfigError)) throw error
  for (const line of error.lines) process.stderr.write(`${line}\n`)
  process.exitCode = 2
}
