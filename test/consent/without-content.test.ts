/** Decisions without content, as data: `cases-without-content/*.json`. */
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { compileConsent } from '#consent/decide.ts'
import type { ResidualEntry } from '#consent/residual.ts'
import { type ContentFreeDecision, decideWithoutContent } from '#consent/without-content.ts'
import { consentOf, contextOf, type DecisionCase, requestOf } from './case-files.ts'

interface ContentFreeCase extends Pick<
  DecisionCase,
  'rule' | 'title' | 'request' | 'consents' | 'law' | 'parties'
> {
  readonly resourceType?: string
  readonly want: InShort
}

/** An entry as `permit securityLabel PSY class CarePlan`, a duty as `REDACT codes R V`; all without systems. */
interface InShort {
  readonly effect: string
  readonly reason: string
  readonly basis: readonly string[]
  readonly obligations: readonly string[]
  readonly residual: readonly string[]
  readonly exported: readonly string[] | null
  readonly law?: string
}

const FOLDER = new URL('cases-without-content/', import.meta.url)
const files = readdirSync(FOLDER).sort()

describe.each(files)('%s', (file) => {
  test.each(casesOf(file))('$rule: $title', (wanted) => {
    const consents = wanted.consents.map(({ id, base, with: changes, version }) => ({
      ...consentOf(id, base, changes),
      ...version,
    }))
    const { resourceType } = wanted
    const request = { ...requestOf(wanted.request), ...(resourceType !== undefined && { resourceType }) }
    const context = contextOf({ resource: '', ...wanted, want: { ...wanted.want, withheld: [] } })
    for (const order of [consents, consents.toReversed()]) {
      const decision = decideWithoutContent(request, order.map(compileConsent), context)
      expect(inShort(decision)).toEqual(wanted.want)
    }
  })
})

function casesOf(file: string): readonly ContentFreeCase[] {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own fixtures
  return JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')) as ContentFreeCase[]
}

function inShort({
  effect,
  reason,
  basis,
  obligations,
  residual,
  exported,
  law,
}: ContentFreeDecision): InShort {
  return {
    effect,
    reason,
    basis: basis.map(({ consent, version, provision }) => `${consent}/${version} ${provision}`),
    obligations: obligations.map(({ code, params = {} }) =>
      [
        code,
        ...Object.entries(params).flatMap(([name, codes]) => [name, ...codes.map((each) => each.code)]),
      ].join(' '),
    ),
    residual: residual.map(entryInShort),
    exported: exported?.map(entryInShort) ?? null,
    ...(law !== undefined && { law }),
  }
}

function entryInShort(entry: ResidualEntry): string {
  const { type, securityLabel, dataPeriod, data, class: classes, code } = entry
  const words = [
    type,
    ...(securityLabel ? ['securityLabel', ...securityLabel.map((each) => each.code)] : []),
    ...(dataPeriod ? ['dataPeriod', dataPeriod.start, dataPeriod.end] : []),
    ...(data
      ? [
          'data',
          ...data.flatMap(({ meaning, reference }) => [
            meaning,
            reference.reference ?? reference.identifier?.value,
          ]),
        ]
      : []),
    ...(classes ? ['class', ...classes.map((each) => each.code)] : []),
    ...(code ? ['code', ...code.flatMap(({ coding = [] }) => coding.map((each) => each.code))] : []),
  ]
  return words.filter((word) => word !== undefined).join(' ')
}
