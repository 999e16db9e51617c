/**
 * Non-interference: nothing that the GP may not see shows in anything it is answered, whatever it asks and in whatever order.
 * A share of the sequences runs in `npm test`; `npm run noninterference` runs 5,000.
 */
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createAsker } from './answered.ts'
import { type Request, request, tour } from './requests.ts'
import { startWorld, type World } from './worlds.ts'

const SEQUENCES = Number(process.env['SLUSE_SEQUENCES'] ?? 150)

let full: World
let empty: World
beforeAll(async () => {
  ;[full, empty] = await Promise.all([startWorld(true), startWorld(false)])
}, 60_000)
afterAll(() => Promise.all([full.close(), empty.close()]))

const sequence = fc.array(request, { minLength: 1, maxLength: 6 })

test(
  `in ${SEQUENCES} sequences both worlds answer alike, byte for byte but for ids and times`,
  { timeout: 1_800_000 },
  async () => {
    let step = 0
    const answeredWith = new Map<number, number>()
    await fc.assert(
      fc.asyncProperty(sequence, async (requests) => {
        const askers = [createAsker(full), createAsker(empty)] as const
        for (const each of requests) {
          await full.work(step++)
          const [inFull, inEmpty] = await Promise.all(askers.map((asker) => asker.ask(each)))
          expect({ request: brief(each), ...inFull }).toEqual({ request: brief(each), ...inEmpty })
          answeredWith.set(inFull?.status ?? 0, (answeredWith.get(inFull?.status ?? 0) ?? 0) + 1)
        }
        await Promise.all(askers.map((asker) => asker.tidy()))
      }),
      { numRuns: SEQUENCES, examples: [[[...tour]]] },
    )
    // Or it would show nothing: that some were stored, some shown, some refused, some absent, some gone.
    for (const status of [200, 201, 204, 400, 404, 410, 412])
      expect({ status, times: answeredWith.get(status) ?? 0 }).toEqual({
        status,
        times: expect.toSatisfy((n: number) => n > 0),
      })
  },
)

function brief({ method, path }: Request): string {
  return `${method} ${path}`
}
