import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { afterAll, afterEach, beforeAll, describe, expect, inject, test, vi } from 'vitest'
import { createPostgresWakeUps } from '#queue/postgres-backend.ts'
import { createRedisWakeUps } from '#queue/redis-backend.ts'
import { createWakeUps, type WakeUpBackend, type WakeUps } from '#queue/wake-ups.ts'
import { cloneDatabase, type TestDatabase } from '#test/database.ts'
import { freePort } from '#test/free-port.ts'
import { startGateway } from '#test/gateway.ts'
import { sendRaw } from '#test/http.ts'
import { startTcpProxy } from '#test/tcp-proxy.ts'

const redisUrl = inject('redisUrl')
let database: TestDatabase
beforeAll(async () => {
  database = await cloneDatabase()
})
afterAll(() => database.drop())

/** Both backends keep the same promises. */
const backends: readonly { name: string; make: () => WakeUpBackend; isThere: boolean }[] = [
  {
    name: 'PostgreSQL',
    make: () => createPostgresWakeUps(database.connection, () => undefined),
    isThere: true,
  },
  {
    name: 'Redis',
    make: () => createRedisWakeUps(redisUrl ?? '', () => undefined),
    isThere: redisUrl !== undefined,
  },
]

for (const { name, make, isThere } of backends) {
  describe.skipIf(!isThere)(`wake-ups on ${name}`, () => {
    const opened: WakeUps[] = []
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((each) => each.close()))
    })

    function open(): WakeUps {
      const wakeUps = createWakeUps(make(), () => undefined)
      opened.push(wakeUps)
      return wakeUps
    }

    /** A drain that a test holds, by subscription. */
    function held() {
      const ran: string[] = []
      let letGo: () => void = () => undefined
      const gate = new Promise<void>((resolve) => {
        letGo = resolve
      })
      const drain = async (id: string): Promise<void> => {
        ran.push(id)
        await gate
      }
      return { ran, letGo, drain }
    }

    const settle = (look: () => void): Promise<void> => vi.waitFor(look, { timeout: 8_000, interval: 10 })

    test('each subscription is drained, in whatever process works', async () => {
      const ids = [randomUUID(), randomUUID(), randomUUID()]
      const ran: string[] = []
      const worker = open()
      worker.work(async (id) => void ran.push(id))
      await open().wake(ids)
      await settle(() => expect(ran.toSorted()).toEqual(ids.toSorted()))
    })

    test('what waits is woken once, however often it is asked for', async () => {
      const id = randomUUID()
      const waker = open()
      for (let i = 0; i < 5; i++) await waker.wake([id, id])
      const ran: string[] = []
      waker.work(async (each) => void ran.push(each))
      await settle(() => expect(ran).toContain(id))
      const last = randomUUID()
      await waker.wake([last])
      await settle(() => expect(ran).toContain(last))
      expect(ran).toEqual([id, last])
    })

    test('what is woken while it runs is run once more, and one is not run beside itself', async () => {
      const id = randomUUID()
      const { ran, letGo, drain } = held()
      const wakeUps = open()
      wakeUps.work(drain)
      await wakeUps.wake([id])
      await settle(() => expect(ran).toEqual([id]))
      for (let i = 0; i < 3; i++) await wakeUps.wake([id])
      // Another one runs meanwhile: it is not the queue that waits.
      const other = randomUUID()
      await wakeUps.wake([other])
      await settle(() => expect(ran).toEqual([id, other]))
      letGo()
      await settle(() => expect(ran).toEqual([id, other, id]))
    })

    test('one that fails is tried again', async () => {
      const id = randomUUID()
      let tries = 0
      const wakeUps = open()
      wakeUps.work(async () => {
        tries += 1
        if (tries === 1) throw new Error('the database was away')
      })
      await wakeUps.wake([id])
      await settle(() => expect(tries).toBe(2))
    })

    test('closing waits for what runs, and loses nothing that was woken meanwhile', async () => {
      const { ran, letGo, drain } = held()
      const id = randomUUID()
      const worker = open()
      const waker = open()
      worker.work(drain)
      await waker.wake([id])
      await settle(() => expect(ran).toEqual([id]))
      const closed = vi.fn()
      const closing = worker.close().finally(closed)
      const late = randomUUID()
      await waker.wake([late])
      expect(closed).not.toHaveBeenCalled()
      letGo()
      await closing
      await worker.close()
      // Redis may have handed it to the worker that was closing, which then ran it; else it is another worker's.
      const rest: string[] = []
      waker.work(async (each) => void rest.push(each))
      await settle(() => expect([...ran, ...rest]).toEqual([id, late]))
    })

    test('nothing to wake is nothing to do, and its gauges can be read', async () => {
      const wakeUps = open()
      await wakeUps.wake([])
      expect(await wakeUps.metrics()).toMatch(/^bullmq_job_count\{/m)
      expect(await wakeUps.fault()).toBeUndefined()
    })
  })
}

describe.skipIf(redisUrl === undefined)('a Redis that must not be relied on', () => {
  test(
    'says that it does not answer, within seconds, when it has gone silent',
    { timeout: 15_000 },
    async () => {
      const proxy = await startTcpProxy({ port: Number(new URL(redisUrl ?? '').port), host: '127.0.0.1' })
      const wakeUps = createWakeUps(
        createRedisWakeUps(`redis://127.0.0.1:${proxy.port}`, () => undefined),
        () => undefined,
      )
      await vi.waitFor(async () => expect(await wakeUps.fault()).toBeUndefined(), { timeout: 5_000 })
      proxy.silence()
      expect(await wakeUps.fault()).toBe('Redis does not answer')
      await expect(wakeUps.wake([randomUUID()])).rejects.toThrow()
      await proxy.restore()
      await vi.waitFor(async () => expect(await wakeUps.fault()).toBeUndefined(), { timeout: 5_000 })
      await wakeUps.close()
      await proxy.close()
    },
  )

  test('with an eviction policy makes the gateway not ready, and names the setting', async () => {
    const port = await freePort()
    const server = spawn(
      'redis-server',
      ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--maxmemory-policy', 'allkeys-lru'],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    )
    for await (const chunk of server.stdout) if (String(chunk).includes('Ready to accept connections')) break
    const gateway = await startGateway({ role: 'gateway', redisUrl: `redis://127.0.0.1:${port}` })
    const answer = await sendRaw(gateway.baseUrl, '/health/ready')
    expect([answer.status, answer.json()]).toEqual([
      503,
      {
        status: 'not ready',
        reasons: ['Redis has maxmemory-policy allkeys-lru; set it to noeviction'],
      },
    ])
    await gateway.close()
    server.kill('SIGTERM')
    await once(server, 'exit')
  })
})
