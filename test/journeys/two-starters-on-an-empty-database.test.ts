import { readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { freePort } from '#test/free-port.ts'
import { backends, makeInstallation } from '#test/process-installation.ts'

const migrations = readdirSync(new URL('../../src/store/migrations/', import.meta.url)).sort()

describe.concurrent.each(backends)('on $name', ({ redis, missing }) => {
  test.skipIf(missing)(
    'two start at once on an empty database: the schema is made once, and both become ready',
    async () => {
      const installation = await makeInstallation({ redis, emptyDatabase: true })
      try {
        const port = String(await freePort())
        const both = await Promise.all([
          installation.start('all'),
          installation.start('all', { SLUSE_PORT: port, SLUSE_BASE_URL: `http://127.0.0.1:${port}` }),
        ])
        for (const baseUrl of [installation.baseUrl, `http://127.0.0.1:${port}`]) {
          const ready = await fetch(`${baseUrl}/health/ready`)
          expect([ready.status, await ready.json()]).toEqual([200, { status: 'ready' }])
        }
        expect(
          await installation.query('select name, count(*)::int from migration group by name order by name'),
        ).toEqual(migrations.map((name) => ({ name, count: 1 })))
        expect(await Promise.all(both.map((each) => each.end()))).toEqual([
          { code: 0, signal: null },
          { code: 0, signal: null },
        ])
      } finally {
        await installation.close()
      }
    },
    60_000,
  )
})
