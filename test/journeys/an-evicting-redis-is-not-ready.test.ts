import { Redis } from 'ioredis'
import { expect, test } from 'vitest'
import { makeInstallation } from '#test/process-installation.ts'
import { hasRedisServer } from '#test/process-redis.ts'

test.skipIf(!hasRedisServer)(
  'a gateway is not ready while its Redis may evict what it holds, and ready once that is put right',
  async () => {
    const installation = await makeInstallation({
      redis: true,
      redisSettings: { 'maxmemory-policy': 'allkeys-lru' },
    })
    try {
      const gateway = await installation.start('gateway')
      const ready = async () => {
        const answer = await fetch(`${installation.baseUrl}/health/ready`)
        return [answer.status, await answer.json()] as const
      }
      expect(await ready()).toEqual([
        503,
        { status: 'not ready', reasons: ['Redis has maxmemory-policy allkeys-lru; set it to noeviction'] },
      ])
      expect((await fetch(`${installation.baseUrl}/health/live`)).status).toBe(200)

      const redis = new Redis(installation.redisUrl ?? '')
      await redis.config('SET', 'maxmemory-policy', 'noeviction')
      await redis.quit()
      expect(await ready()).toEqual([200, { status: 'ready' }])
      expect(await gateway.end()).toEqual({ code: 0, signal: null })
    } finally {
      await installation.close()
    }
  },
  60_000,
)
