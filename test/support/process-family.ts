/** Which programs still work for a data folder, from /proc: its PostgreSQL by its folder, the watchdog by its argument. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

export function processesOf(dataDir: string): string[] {
  const within = (path: string): boolean => path.startsWith(`${dataDir}/`)
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const proc = `/proc/${pid}`
        const mine =
          within(readlinkSync(`${proc}/cwd`)) ||
          readFileSync(`${proc}/cmdline`, 'utf8').split('\0').some(within)
        return mine ? [readFileSync(`${proc}/comm`, 'utf8').trim()] : []
      } catch {
        // Ended between the two looks.
        return []
      }
    })
    .sort()
}
