/** A redis-server of a test's own, for what must not happen to the one that tests share. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './free-port.ts'

export interface OwnRedis {
  readonly url: string
  stop(): Promise<void>
}

export const hasRedisServer = ((): boolean => {
  try {
    execFileSync('redis-server', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()

export async function startRedis(settings: Readonly<Record<string, string>> = {}): Promise<OwnRedis> {
  const folder = mkdtempSync(join(tmpdir(), 'sluse-redis-'))
  const port = await freePort()
  const all = {
    port: String(port),
    bind: '127.0.0.1',
    dir: folder,
    appendonly: 'yes',
    save: '',
    'maxmemory-policy': 'noeviction',
    ...settings,
  }
  const server = spawn(
    'redis-server',
    Object.entries(all).flatMap(([name, value]) => [`--${name}`, value]),
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const ready = Promise.withResolvers<void>()
  // Read to the end: a full pipe would stop the server.
  server.stdout.on('data', (chunk: Buffer) => {
    if (String(chunk).includes('Ready to accept connections')) ready.resolve()
  })
  server.once('exit', () => ready.reject(new Error('redis-server ended')))
  await ready.promise
  return {
    url: `redis://127.0.0.1:${port}`,
    stop: async () => {
      server.kill('SIGTERM')
      await once(server, 'exit')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
