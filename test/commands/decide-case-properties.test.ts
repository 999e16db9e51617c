/** What holds of every case file, whatever is wrong with it. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { GatewayError } from '#fhir/gateway-error.ts'
import { type Json, placesIn, replaceAt } from '#test/json-places.ts'
// oxlint-disable-next-line import/no-relative-parent-imports -- no folder imports the commands, so they have no name to be imported by
import { createCaseDecider } from '../../src/commands/decide-case.ts'
import { base, plan } from './decide-case-base.ts'

const decide = createCaseDecider()
const asked = { ...base, resources: [plan] }
const file = JSON.parse(JSON.stringify(asked)) as Json

function placesBelow(...members: readonly string[]) {
  return placesIn(file, () => true).filter(([member]) => members.includes(String(member)))
}

/** The answer, or undefined where the file was refused, each fault with its place; anything else that is thrown fails the test. */
function answerTo(garbled: unknown) {
  try {
    return decide(Buffer.from(JSON.stringify(garbled) ?? ''))
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    for (const { text } of error.faults) expect(text).not.toMatch(/\n|2509479989| at .*:\d/)
    return undefined
  }
}

describe('a case in which one place is garbled', () => {
  test.each(['consents', 'context', 'request', 'resources'] as const)(
    'in %s is refused or decided, and never shows what was withheld before',
    (member) => {
      const places = placesBelow(member)
      fc.assert(
        fc.property(fc.constantFrom(...places), fc.jsonValue({ maxDepth: 2 }), (place, garbage) => {
          const answer = answerTo(replaceAt(file, place, () => garbage as Json))
          const released = JSON.stringify(answer?.resources.map(({ resource }) => resource) ?? [])
          expect(released).not.toContain('F10.2')
        }),
        { numRuns: 300 },
      )
    },
  )

  test('a place that is missing in the request or the context shows nothing either', () => {
    for (const place of placesBelow('request', 'context')) {
      const answer = answerTo(replaceAt(file, place, () => undefined))
      expect(JSON.stringify(answer?.resources ?? [])).not.toContain('F10.2')
    }
  })
})

test('the order of consents, context and resources never matters', () => {
  const other = { ...plan, id: 'other', activity: [...plan.activity].toReversed() }
  const consents = [...asked.consents, { ...asked.consents[0], id: 'second', status: 'inactive' }]
  const reference = answerTo({ ...asked, consents, resources: [plan, other] })
  fc.assert(
    fc.property(
      fc.shuffledSubarray(consents, { minLength: consents.length }),
      fc.shuffledSubarray(asked.context, { minLength: asked.context.length }),
      fc.shuffledSubarray([plan, other], { minLength: 2 }),
      (shuffled, context, resources) => {
        const answer = answerTo({ ...asked, consents: shuffled, context, resources })
        const inOrder = answer?.resources.toSorted((a, b) => (a.reference < b.reference ? 1 : -1))
        expect({ ...answer, resources: inOrder }).toEqual(reference)
      },
    ),
    { numRuns: 30 },
  )
})
