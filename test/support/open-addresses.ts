import { readFileSync } from 'node:fs'

/** Served without a token, and the token endpoint: rows of app.ts rather than of a table. */
export function openAddresses(): string[] {
  const app = readFileSync(new URL('../../src/app.ts', import.meta.url), 'utf8')
  const paths = [...app.matchAll(/\.(get|post)\(\s*'(\/[^']+)'/g)].map(
    ([, method, path]) => `${method?.toUpperCase()} ${path}`,
  )
  const listed = [...app.matchAll(/'(\/[^']*smart-configuration)'/g)].map(([, path]) => `GET ${path}`)
  return [...paths, ...listed]
}
