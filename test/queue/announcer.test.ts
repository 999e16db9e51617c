import { expect, test, vi } from 'vitest'
import { CHANNEL, createAnnouncer } from '#queue/announcer.ts'

test('what is announced in one moment is told in one notification, each id once', async () => {
  const told: string[] = []
  const announcer = createAnnouncer(async (channel, payload) => void told.push(`${channel} ${payload}`))
  announcer.announce(['a', 'b'])
  announcer.announce(['b', 'c'])
  announcer.announce([])
  await vi.waitFor(() => expect(told).toEqual([`${CHANNEL} a,b,c`]))
})

test('closing tells what was still gathered', async () => {
  const told: string[] = []
  const announcer = createAnnouncer(async (_channel, payload) => void told.push(payload))
  announcer.announce(['a'])
  await announcer.close()
  expect(told).toEqual(['a'])
  await announcer.close()
  expect(told).toEqual(['a'])
})

test('no notification is longer than PostgreSQL takes', async () => {
  const told: string[] = []
  const announcer = createAnnouncer(async (_channel, payload) => void told.push(payload))
  const ids = Array.from({ length: 450 }, (_, i) => `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`)
  announcer.announce(ids)
  await announcer.close()
  expect(told.flatMap((payload) => payload.split(','))).toEqual(ids)
  expect(Math.max(...told.map((payload) => Buffer.byteLength(payload)))).toBeLessThan(8_000)
})

test('one that fails is no error: the sweep finds what it did not tell', async () => {
  const announcer = createAnnouncer(() => Promise.reject(new Error('the database was away')))
  announcer.announce(['a'])
  await announcer.close()
})
