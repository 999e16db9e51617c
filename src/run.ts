/** Starts, tells the sandbox story on the first start, waits for a signal, stops. */
import { join, relative } from 'node:path'
import { ConfigError, type Config } from '#config/config.ts'
import { EmbeddedError, systemCode } from '#embedded/embedded-error.ts'
import { createLog, type Log } from '#observe/log.ts'
import { openSandbox, type Sandbox } from '#sandbox/sandbox.ts'
import { type Running, start, type StartHooks } from './start.ts'

/** What is under way when a signal comes gets this long; a delivery that is cut off is repeated under the same id. */
const STOP_DEADLINE_MS = 9_000

/** Anything slower is worth a line; anything faster is not. */
const PROGRESS_AFTER_MS = 1_000

/** Resolves to the exit code: 0 after a signal and a clean stop, 2 when a setting is wrong, else 1. */
export async function run(config: Config, telemetry?: StartHooks['telemetry']): Promise<number> {
  const signal = nextSignal()
  const progress = createProgress()
  let running: Running | undefined
  try {
    const { log, file } = openLog(config)
    running = await start(config, { log, onProgress: progress.step, ...(telemetry ? { telemetry } : {}) })
    const sandbox = config.sandbox ? await openSandbox(config, running) : undefined
    progress.end()
    const stopped = Promise.race([signal, running.failed])
    await tell({ config, running, sandbox, stopped, logFile: file })
    return await stop(await stopped, { running, sandbox, log })
  } catch (error) {
    progress.end()
    await running?.stop()
    return startFault(error, config)
  }
}

/** With the embedded default a person reads the terminal; elsewhere a log collector does. */
function openLog(config: Config): { readonly log: Log; readonly file: string | undefined } {
  const file = config.database.kind === 'embedded' ? join(config.dataDir, 'sluse.log') : undefined
  return { log: createLog({ level: config.logLevel, ...(file ? { file } : {}) }), file }
}

interface Told {
  readonly config: Config
  readonly running: Running
  readonly sandbox: Sandbox | undefined
  /** A signal ends the story too. */
  readonly stopped: Promise<string>
  readonly logFile: string | undefined
}

async function tell({ config, running, sandbox, stopped, logFile }: Told): Promise<void> {
  const elsewhere = running.baseUrl === running.address ? '' : `, for clients ${running.baseUrl}`
  say(`Sluse is ready on ${running.address} (${config.role}${elsewhere}; stop with Ctrl-C)`)
  // It needs both: an answer over HTTP and a notification.
  if (sandbox && config.role === 'all') await tellStory(sandbox, stopped)
  if (sandbox) for (const line of sandbox.whereToLook) say(line)
  if (logFile) say(`  the log:                         ${relative(process.cwd(), logFile) || logFile}`)
}

async function tellStory(sandbox: Sandbox, stopped: Promise<string>): Promise<void> {
  let silent = false
  const told = sandbox
    .tellStory((line) => {
      if (!silent) say(line)
    })
    .catch((error: unknown) => {
      if (!silent)
        say(
          `the story stopped: ${error instanceof Error ? error.message : String(error)}; the gateway goes on`,
        )
    })
  await Promise.race([told, stopped])
  silent = true
}

interface Stopping {
  readonly running: Running
  readonly sandbox: Sandbox | undefined
  readonly log: Log
}

async function stop(cause: string, { running, sandbox, log }: Stopping): Promise<number> {
  const asked = cause === 'SIGINT' || cause === 'SIGTERM'
  if (!asked) {
    log.error({ event: 'stopping', reason: cause })
    process.stderr.write(`${cause}; Sluse stops: start it again, what was accepted is kept\n`)
  }
  const clean = await withDeadline(async () => {
    await running.stop()
    await sandbox?.close()
  })
  if (asked)
    say(
      clean ? 'stopped' : `stopped after ${STOP_DEADLINE_MS / 1_000} s; what was under way will be repeated`,
    )
  return asked && clean ? 0 : 1
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

/** One line for each fault; the exit code. */
function startFault(error: unknown, config: Config): number {
  for (const line of error instanceof ConfigError ? error.lines : [faultLine(error, config)])
    process.stderr.write(`${line}\n`)
  return error instanceof ConfigError ? 2 : 1
}

function faultLine(error: unknown, config: Config): string {
  const code = systemCode(error)
  if (error instanceof EmbeddedError) return error.message
  if (code === 'EADDRINUSE') return takenPort(error, config)
  if (code === 'EACCES' || code === 'EPERM')
    return `the data folder ${config.dataDir} is not ours to write: start as the user that it belongs to, or with SLUSE_DATA_DIR set to another`
  // Of several addresses that were tried in vain Node makes an error without words.
  const message = error instanceof Error && error.message !== '' ? error.message : (code ?? 'unknown error')
  return `the start failed: ${message}`
}

/** Two sockets are opened: the gateway's and the sandbox organisations'. */
function takenPort(error: unknown, { host, port, sandboxPort }: Config): string {
  const taken = error instanceof Error && 'port' in error ? Number(error.port) : port
  const [where, name] =
    taken === sandboxPort && taken !== port ? ['127.0.0.1', 'SLUSE_SANDBOX_PORT'] : [host, 'SLUSE_PORT']
  return `port ${taken} on ${where} is taken; end what uses it, or start with ${name} set to another`
}

/** The first of SIGINT and SIGTERM. Ctrl-C reaches us twice under npm: later ones change nothing. */
function nextSignal(): Promise<string> {
  return new Promise((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => resolve(name))
  })
}

interface Progress {
  step(line: string): void
  end(): void
}

/** Shows the latest step once the start has taken longer than a second. */
function createProgress(): Progress {
  let latest = 'starting'
  let shown = false
  const timer = setTimeout(() => {
    shown = true
    say(`${latest} …`)
  }, PROGRESS_AFTER_MS)
  return {
    step: (line) => {
      latest = line
      if (shown) say(`${line} …`)
    },
    end: () => clearTimeout(timer),
  }
}

async function withDeadline(work: () => Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), STOP_DEADLINE_MS)
  })
  try {
    return await Promise.race([work().then(() => true), late])
  } finally {
    clearTimeout(timer)
  }
}
