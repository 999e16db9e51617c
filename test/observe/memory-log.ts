import { createLog } from '#observe/log.ts'
import type { Log } from '#observe/log.ts'

/** A log whose lines can be read: what every line has (`time`, `pid`) is left out. */
export function memoryLog(): { log: Log; lines: Record<string, unknown>[]; text: () => string } {
  const written: string[] = []
  const lines: Record<string, unknown>[] = []
  const log = createLog({
    level: 'debug',
    destination: {
      write(line) {
        written.push(line)
        const { time: _time, pid: _pid, ...rest }: Record<string, unknown> = JSON.parse(line)
        lines.push(rest)
      },
    },
  })
  return { log, lines, text: () => written.join('') }
}
