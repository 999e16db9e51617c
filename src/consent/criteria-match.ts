/** Tests the criteria of one provision against a request, all but its security labels. https://hl7.org/fhir/R4/consent.html */
import type { CodeableConcept, Coding } from '@medplum/fhirtypes'
import { ACT_REASON_SYSTEM, normalizeSystem } from '#label/code-system.ts'
import type { Party } from './access-request.ts'
import type { Criteria, RoleActor } from './criteria.ts'
import { coversPurpose, isPurposeOfUse } from './purpose-of-use.ts'
import type { Question } from './question.ts'
import type { ReasonCode } from './reason.ts'
import { resourceTypes } from './resource-types.ts'
import { namesPartyOrParent } from './same-party.ts'
import { and, or, type Truth } from './truth.ts'

export interface Match {
  readonly applies: Truth
  /** The first test that failed, for the explanation. */
  readonly miss: ReasonCode | undefined
}

type Effect = 'permit' | 'deny'

/** Elements are combined with AND, repetitions inside one with OR. */
export function matchCriteria(criteria: Criteria, effect: Effect, question: Question): Match {
  const tests: readonly (readonly [ReasonCode, Truth])[] = [
    ['recipient-not-covered', coversParty(criteria.recipients, effect, question.recipient, question)],
    ['source-not-covered', coversParty(criteria.sources, effect, question.custodian, question)],
    ['purpose-not-covered', coversPurposes(criteria.purpose, effect, question.purposes)],
    ['action-not-covered', anyOf(criteria.action, (action) => coversAction(action, question.action))],
    ['class-not-covered', anyOf(criteria.class, (listed) => coversClass(listed, question))],
    [
      'data-not-covered',
      anyOf(criteria.data, ({ meaning, reference }) =>
        coversInstance(meaning, reference.reference, question),
      ),
    ],
    // Not tested in this version: who wrote the data, its codes and its dates.
    ['data-not-covered', criteria.authors || criteria.untestable ? 'unknown' : true],
  ]
  return {
    applies: and(...tests.map(([, truth]) => truth)),
    miss: tests.find(([, truth]) => truth === false)?.[0],
  }
}

/** An absent element is no constraint; an empty one is a fault, and no reason to let anything pass. */
function anyOf<T>(listed: readonly T[] | undefined, test: (item: T) => Truth): Truth {
  if (listed === undefined) return true
  return listed.length === 0 ? 'unknown' : or(...listed.map(test))
}

function coversParty(
  actors: readonly RoleActor[] | undefined,
  effect: Effect,
  party: Party,
  question: Question,
): Truth {
  if (effect === 'permit' && actors?.some(({ roleIsKnown }) => !roleIsKnown)) return 'unknown'
  return anyOf(actors, ({ actor }) =>
    actor.reference ? namesPartyOrParent(actor.reference, party, question.directory) : 'unknown',
  )
}

/** A permit must cover every purpose of the request, a deny any of them. */
function coversPurposes(
  listed: readonly Coding[] | undefined,
  effect: Effect,
  asked: readonly string[],
): Truth {
  const each = asked.map((purpose) => anyOf(listed, (coding) => matchPurpose(coding, purpose)))
  return effect === 'permit' ? and(...each) : or(...each)
}

function matchPurpose({ system, code }: Coding, asked: string): Truth {
  if (system === undefined || code === undefined || normalizeSystem(system) !== ACT_REASON_SYSTEM)
    return 'unknown'
  return coversPurpose(code, asked) || (isPurposeOfUse(code) ? false : 'unknown')
}

const ACTION_SYSTEM = 'http://terminology.hl7.org/CodeSystem/consentaction'
const actions: ReadonlySet<string | undefined> = new Set(['collect', 'access', 'use', 'disclose', 'correct'])

function coversAction(concept: CodeableConcept, asked: string): Truth {
  return anyOf(concept.coding ?? [], ({ system, code }) => {
    if (system !== ACTION_SYSTEM || !actions.has(code)) return 'unknown'
    return code === asked
  })
}

const RESOURCE_TYPE_SYSTEM = 'http://hl7.org/fhir/resource-types'

/** A resource type, or a profile that the resource claims; of anything else nobody can say that it is not this. */
function coversClass({ system, code }: Coding, { resource }: Question): Truth {
  if (code === undefined) return 'unknown'
  if (system === RESOURCE_TYPE_SYSTEM)
    return code === resource.resourceType || (resourceTypes.has(code) ? false : 'unknown')
  const profiles = (resource.meta?.profile ?? []).map((profile) => profile.replace(/\|.*$/, ''))
  return profiles.includes(code.replace(/\|.*$/, '')) || 'unknown'
}

/** The one resource itself. What refers to it, or what it refers to, takes other resources to tell. */
function coversInstance(meaning: string, reference: string | undefined, { resource }: Question): Truth {
  if (meaning !== 'instance' || reference === undefined || resource.id === undefined) return 'unknown'
  const named = reference.replace(/\/_history\/.*$/, '')
  if (named === `${resource.resourceType}/${resource.id}`) return true
  return /^[A-Z]\w+\/[^/]+$/.test(named) ? false : 'unknown'
}
