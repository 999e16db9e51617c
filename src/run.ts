/** Starts, tells the sandbox story on the first start, waits for a signal, stops. */
import { join, relative } from 'node:path'
import type { Config } from '#config/config.ts'
import { EmbeddedError } from '#embedded/embedded-error.ts'
import { createLog } from '#observe/log.ts'
import { openSandbox } from '#sandbox/sandbox.ts'
import { type Running, start } from './start.ts'

/** What is under way when a signal comes gets this long; a delivery that is cut off is repeated under the same id. */
const STOP_DEADLINE_MS = 10_000

/** Anything slower is worth a line; anything faster is not. */
const PROGRESS_AFTER_MS = 1_000

/** Resolves to the exit code. */
export async function run(config: Config): Promise<number> {
  // With the embedded default a person reads the terminal; elsewhere a log collector does.
  const logFile = config.database.kind === 'embedded' ? join(config.dataDir, 'sluse.log') : undefined
  const log = createLog({ level: config.logLevel, ...(logFile ? { file: logFile } : {}) })
  const signal = nextSignal()
  const progress = createProgress()
  let running: Running
  try {
    running = await start(config, { log, onProgress: progress.step })
  } catch (error) {
    progress.end()
    return startFault(error, config)
  }
  progress.end()
  const sandbox = config.sandbox ? await openSandbox(config, running) : undefined
  say(`Sluse is ready on ${running.baseUrl} (${config.role}; stop with Ctrl-C)`)
  if (sandbox?.firstStart) {
    await sandbox.tellStory(say).catch((error: unknown) => {
      say(`the story stopped: ${error instanceof Error ? error.message : String(error)}; the gateway goes on`)
    })
  }
  if (sandbox) for (const line of sandbox.whereToLook) say(line)
  if (logFile) say(`  the log:                         ${relative(process.cwd(), logFile) || logFile}`)

  const cause = await Promise.race([signal, running.failed])
  const asked = cause === 'SIGINT' || cause === 'SIGTERM'
  if (!asked) log.error({ event: 'stopping', reason: cause })
  const clean = await withDeadline(async () => {
    await sandbox?.close()
    await running.stop()
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

function startFault(error: unknown, { port, host }: Config): number {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (error instanceof EmbeddedError) {
    process.stderr.write(`${error.message}\n`)
  } else if (code === 'EADDRINUSE') {
    process.stderr.write(
      `port ${port} on ${host} is taken; end what uses it, or start with SLUSE_PORT set to another\n`,
    )
  } else {
    process.stderr.write(`the start failed: ${error instanceof Error ? error.message : 'unknown error'}\n`)
  }
  return 1
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
