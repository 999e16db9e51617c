/** Tests the criteria of one provision against a request: all but its labels and codes, which differ from unit to unit. https://hl7.org/fhir/R4/consent.html */
import { coversClass } from './class-match.ts'
import type { Criteria } from './criteria.ts'
import type { RoleActor } from './criteria-actor.ts'
import { wasWrittenBy } from './author.ts'
import { coversDataPeriod } from './data-date.ts'
import { coversData } from './data-match.ts'
import type { Code } from './element-reader.ts'
import type { Chain } from './known-party.ts'
import { meansParty, type PartyTest } from './party-match.ts'
import { coversPurpose, isPurposeOfUse } from './purpose-of-use.ts'
import type { Question } from './question.ts'
import type { ReasonCode } from './reason.ts'
import { anyOf, type Truth } from './truth.ts'

export interface Match {
  readonly applies: Truth
  /** The first test that failed, for the explanation. */
  readonly miss: ReasonCode | undefined
}

export type Effect = 'permit' | 'deny'

interface Test {
  readonly miss: ReasonCode
  readonly covers: (criteria: Criteria, effect: Effect, question: Question) => Truth
}

/** In the order in which a miss is told. */
const tests: readonly Test[] = [
  {
    miss: 'recipient-not-covered',
    covers: ({ recipients }, effect, asked) => coversParty(recipients, asked.recipientChain, effect, asked),
  },
  {
    miss: 'source-not-covered',
    // When nobody says who holds the data, a rule for what a unit holds cannot be told.
    covers: ({ sources }, effect, asked) =>
      sources && asked.custodianChain.length === 0
        ? 'unknown'
        : coversParty(sources, asked.custodianChain, effect, asked),
  },
  {
    miss: 'purpose-not-covered',
    covers: ({ purpose }, effect, { purposes }) => coversPurposes(purpose, effect, purposes),
  },
  {
    miss: 'action-not-covered',
    covers: ({ action }, _, asked) => anyOf(action, (codings) => coversAction(codings, asked)),
  },
  {
    miss: 'class-not-covered',
    covers: (each, _, { resource }) => anyOf(each.class, (listed) => coversClass(listed, resource)),
  },
  {
    miss: 'data-not-covered',
    covers: ({ data }, effect, asked) => anyOf(data, (listed) => coversData(listed, effect, asked)),
  },
  {
    miss: 'data-not-covered',
    covers: ({ authors }, effect, asked) => coversAuthors(authors, effect, asked),
  },
  {
    miss: 'data-not-covered',
    covers: ({ dataPeriod }, effect, asked) => coversDataPeriod(dataPeriod, effect, asked),
  },
]

/** Elements are combined with AND, repetitions inside one with OR. */
export function matchCriteria(criteria: Criteria, effect: Effect, question: Question): Match {
  let applies: Truth = true
  for (const { miss, covers } of tests) {
    const truth = covers(criteria, effect, question)
    if (truth === false) return { applies: false, miss }
    if (truth === 'unknown') applies = 'unknown'
  }
  return { applies, miss: undefined }
}

function coversParty(
  actors: readonly RoleActor[] | undefined,
  chain: Chain,
  effect: Effect,
  question: Question,
): Truth {
  if (actors === undefined) return true
  if (hasUnusableRole(actors, effect)) return 'unknown'
  return anyOf(actors, ({ name, block }) =>
    meansParty(name, chain, reachOf(block, question.partyTest[effect])),
  )
}

/** NSP 121373990: a block of a unit's data covers the organisations above it, which hold the same data. */
function reachOf(block: RoleActor['block'], test: PartyTest): PartyTest {
  if (block === undefined) return test
  const wide = { ...test, denyCoversParents: true }
  return block === 'unit' ? { ...wide, denyCoversSubUnits: false } : wide
}

function coversAuthors(actors: readonly RoleActor[] | undefined, effect: Effect, question: Question): Truth {
  return anyOf(actors, ({ name }) => wasWrittenBy(name, question.partyTest[effect], question))
}

function hasUnusableRole(actors: readonly RoleActor[], effect: Effect): boolean {
  return effect === 'permit' && actors.some(({ roleIsKnown }) => !roleIsKnown)
}

/** A permit must cover every purpose of the request, a deny any of them. */
function coversPurposes(listed: Criteria['purpose'], effect: Effect, asked: readonly string[]): Truth {
  if (listed === undefined) return true
  const decisive = effect === 'deny'
  let unknown = false
  for (const purpose of asked) {
    const truth = anyOf(listed, (code) => matchPurpose(code, purpose, effect))
    if (truth === decisive) return decisive
    if (truth === 'unknown') unknown = true
  }
  return unknown ? 'unknown' : !decisive
}

function matchPurpose(listed: string | undefined, asked: string, effect: Effect): Truth {
  if (listed === undefined) return 'unknown'
  if (coversPurpose(listed, asked)) return true
  // What is asked for in a word that nobody knows may be what a deny means.
  const isTold = isPurposeOfUse(listed) && (effect === 'permit' || isPurposeOfUse(asked))
  return isTold ? false : 'unknown'
}

const ACTION_SYSTEM = 'http://terminology.hl7.org/CodeSystem/consentaction'
const actions: ReadonlySet<string | undefined> = new Set(['collect', 'access', 'use', 'disclose', 'correct'])

function coversAction(codings: readonly Code[], { action }: Question): Truth {
  return anyOf(codings, ({ system, code }) => {
    if (system !== ACTION_SYSTEM || !actions.has(code)) return 'unknown'
    return code === action
  })
}
