/** `npm start`: the process around the gateway. Signals, progress, exit codes; everything that runs is in start.ts. */
import { GATEWAY_NODE, requireNode } from './node-version.ts'

requireNode(process.versions.node, GATEWAY_NODE)
// Tracing must patch what it traces before anything imports it, and is not loaded at all when it is not configured.
const { readConfig, ConfigError } = await import('#config/config.ts')
const { run } = await import('./run.ts')

try {
  const config = readConfig()
  if (config.tracing) {
    const { startTracing } = await import('#observe/tracing.ts')
    await startTracing()
  }
  process.exitCode = await run(config)
} catch (error) {
  if (!(error instanceof ConfigError)) throw error
  for (const line of error.lines) process.stderr.write(`${line}\n`)
  process.exitCode = 2
}
