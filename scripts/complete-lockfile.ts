/**
 * `npm run lock`: npm install, then an entry for every platform package that npm left out of the lockfile. npm omits those
 * whose version the registry does not have; `npm ci` then refuses the whole file, though it would skip them on this
 * platform. `--check` only says what is missing.
 */
import { readFileSync, writeFileSync } from 'node:fs'

interface Package {
  readonly version?: string
  readonly dev?: boolean
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

const FILE = new URL('../package-lock.json', import.meta.url)
const OS = ['darwin', 'linux', 'win32', 'android', 'freebsd', 'openharmony']
const CPU = ['arm64', 'x64', 'ia32', 'arm', 'ppc64', 's390x', 'riscv64', 'wasm32', 'loong64']

const lock = JSON.parse(readFileSync(FILE, 'utf8')) as { packages: Record<string, Package> }
const missing = Object.entries(lock.packages).flatMap(([path, { optionalDependencies = {}, dev }]) =>
  path === ''
    ? []
    : Object.entries(optionalDependencies)
        .filter(([name]) => !isLocked(path, name))
        .map(([name, range]) => ({ name, range, dev })),
)

if (process.argv.includes('--check')) {
  for (const { name } of missing)
    process.stdout.write(`${name} is not in package-lock.json; run \`npm run lock\`\n`)
  process.exitCode = missing.length > 0 ? 1 : 0
} else {
  for (const { name, range, dev } of missing)
    lock.packages[`node_modules/${name}`] = entryOf(name, range, dev)
  lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)))
  writeFileSync(FILE, `${JSON.stringify(lock, null, 2)}\n`)
  process.stdout.write(`${missing.length} platform packages added\n`)
}

function isLocked(path: string, name: string): boolean {
  return `node_modules/${name}` in lock.packages || `${path}/node_modules/${name}` in lock.packages
}

/** Platform packages say in their name what they are for; npm skips them elsewhere by these two lists. */
function entryOf(
  name: string,
  range: string,
  dev: boolean | undefined,
): Package & Readonly<Record<string, unknown>> {
  const words = (name.split('/').at(-1) ?? '').split('-')
  const cpu = CPU.filter((each) => words.includes(each))
  const os = OS.filter((each) => words.includes(each))
  return {
    version: range.replace(/^[~^]/, ''),
    ...(cpu.length > 0 ? { cpu } : {}),
    ...(dev ? { dev } : {}),
    optional: true,
    ...(os.length > 0 ? { os } : {}),
  }
}
