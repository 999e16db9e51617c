/** Which programs still work for a data folder, from /proc: its PostgreSQL by its folder, the watchdog by its argument. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'

export function processesOf(dataDir: string): string[] {
  const cluster = join(dataDir, 'cluster')
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const proc = `/proc/${pid}`
        const mine =
          readlinkSync(`${proc}/cwd`) === cluster ||
          readFileSync(`${proc}/cmdline`, 'utf8').split('\0').includes(cluster)
        return mine ? [readFileSync(`${proc}/comm`, 'utf8').trim()] : []
      } catch {
        // Ended between the two looks.
        return []
      }
    })
    .sort()
}
