/** A decision without content against every content there might be: it never promises or refuses what decide() would not. */
import fc from 'fast-check'
import type { ConsentProvision, Resource } from '@medplum/fhirtypes'
import { describe, expect, test } from 'vitest'
import type { AccessRequest, DecisionContext } from '#consent/access-request.ts'
import { compileConsent, type ConsentVersion } from '#consent/decide.ts'
import { type ContentFreeDecision, decideWithoutContent } from '#consent/without-content.ts'
import { consentOf, decided, labelled } from './case-files.ts'
import { RUNS } from './changed-consent.ts'
import { readBothWays } from './foreign-reader.ts'
import {
  around,
  consents,
  consentsOf,
  criteria,
  denial,
  permitsOnly,
  provision,
  request,
  resource,
} from './generated.ts'

const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality'

function ahead(
  asked: AccessRequest,
  versions: readonly ConsentVersion[],
  context: DecisionContext,
  resourceType?: string,
): ContentFreeDecision {
  const stated = resourceType === undefined ? asked : { ...asked, resourceType }
  return decideWithoutContent(stated, versions.map(compileConsent), context)
}

/** With the class that the request states, or without. */
const statesClass = fc.boolean()

function typeOf(states: boolean, { resourceType }: Resource): string | undefined {
  return states ? resourceType : undefined
}

describe('without content', () => {
  // INVARIANT: a refusal with nothing left to content holds for every content.
  test('what is refused, and not left to content, is never released', () => {
    let refused = 0
    fc.assert(
      fc.property(
        consents,
        request,
        resource,
        around,
        statesClass,
        (versions, asked, target, context, states) => {
          const { effect, residual } = ahead(asked, versions, context, typeOf(states, target))
          if (effect === 'permit' || residual.length > 0) return
          refused += 1
          expect(decided(asked, versions, labelled(target), context).effect).toBe('deny')
        },
      ),
      RUNS,
    )
    expect(refused).toBeGreaterThan(0)
  })

  // INVARIANT: a permit with nothing left to content holds for every content.
  test('what is permitted, and not left to content, is always released', () => {
    let permitted = 0
    const plain = fc.oneof(consentsOf(permitsOnly), consents, fc.constant([wide()]))
    fc.assert(
      fc.property(
        plain,
        request,
        resource,
        around,
        statesClass,
        (versions, asked, target, context, states) => {
          const { effect, residual } = ahead(asked, versions, context, typeOf(states, target))
          if (effect === 'deny' || residual.length > 0) return
          permitted += 1
          const { effect: released, withheld } = decided(asked, versions, labelled(target), context)
          expect([released, withheld]).toEqual(['permit', []])
        },
      ),
      RUNS,
    )
    expect(permitted).toBeGreaterThan(0)
  })

  // INVARIANT: a list that is handed on releases no more than the gateway, whichever way it is read.
  test('a foreign reader of the list releases nothing that we would not', () => {
    let released = 0
    const versions = fc.oneof(consentsOf(fc.oneof(leveled, leveled, provision)), consents)
    fc.assert(
      fc.property(versions, request, resource, around, statesClass, (all, asked, target, context, states) => {
        const { exported = [] } = ahead(asked, all, context, typeOf(states, target))
        const content = labelled(target)
        if (exported.length === 0) return
        if (!readBothWays(exported, content, asked, context).includes('permit')) return
        released += 1
        expect(decided(asked, all, content, context).effect).toBe('permit')
      }),
      RUNS,
    )
    expect(released).toBeGreaterThan(0)
  })
})

/** Most lists of whole provisions say no more than that all is forbidden: these say something. */
const leveled = fc
  .tuple(criteria, fc.subarray(['N', 'R', 'V'] as const, { minLength: 1 }), denial)
  .map(([{ data, dataPeriod, securityLabel }, levels, exception]): ConsentProvision => {
    const byLevel = levels.map((code) => ({ system: CONFIDENTIALITY, code }))
    const deny = { ...exception, ...(securityLabel && { securityLabel }) }
    return {
      type: 'permit',
      ...(data ? { data } : dataPeriod ? { dataPeriod } : { securityLabel: byLevel }),
      ...(levels.length < 3 && { provision: [deny] }),
    }
  })

function wide(): ConsentVersion {
  return consentOf('wide', 'treatment-permit', { provision: { class: null } })
}
