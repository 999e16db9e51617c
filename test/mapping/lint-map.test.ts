import { TransformMapCollection, parseMappingLanguage, structureMapTransform } from '@medplum/core'
import type { ConceptMap, ConceptMapGroup, ConceptMapGroupElement } from '@medplum/fhirtypes'
import { beforeAll, describe, expect, test } from 'vitest'
import { lintConceptMap } from '#mapping/lint-concept-map.ts'
import { lintMap } from '#mapping/lint-map.ts'
import { lintRules } from '#mapping/lint-rules.ts'
import { indexDefinitions } from './index-definitions.ts'
import { STATUS_MAP, frameCases, lintCases, mapOf, record, recordSchema } from './lint-cases.ts'

beforeAll(indexDefinitions)

const group = {
  source: 'https://sluse.example/CodeSystem/a',
  target: 'http://hl7.org/fhir/request-status',
  element: [{ code: 'known', target: [{ code: 'active', equivalence: 'equal' as const }] }],
}
const withGroups = (...groups: ConceptMapGroup[]): ConceptMap => ({
  resourceType: 'ConceptMap',
  status: 'active',
  url: STATUS_MAP,
  group: groups,
})
const withElement = (...element: ConceptMapGroupElement[]): ConceptMap => withGroups({ ...group, element })
const conceptMap = withGroups(group)
const options = { recordSchema, conceptMaps: new Set([STATUS_MAP]) }

describe('what the engine gets wrong in silence is found, on its line', () => {
  test.each(lintCases)('$title', ({ rules, want, engine }) => {
    const text = mapOf(rules)
    expect(lintMap(text, options).map(({ line, rule }) => [line, rule])).toEqual(want)
    if (engine) {
      const [made] = structureMapTransform(
        parseMappingLanguage(text),
        [{ type: 'SourceRecord', value: record }],
        new TransformMapCollection([conceptMap]),
      )
      expect(made?.value, 'what the engine does: when it changes, look at the rule again').toEqual(engine)
    }
  })

  test.each(frameCases)('$title', ({ text, want }) => {
    expect(lintMap(text, options).map(({ line, rule }) => [line, rule])).toEqual(want)
  })

  test('the message says what was found, what would happen and what to write', () => {
    expect(lintMap(mapOf('src.titel as v -> tgt.title = v;'), options)).toEqual([
      {
        line: 5,
        rule: 'source-element-unknown',
        message: `\`src.titel\`: ${lintRules['source-element-unknown']}`,
      },
    ])
  })

  test('each rule has a case, but for the one that no text is known to break', () => {
    const cased = new Set([...lintCases, ...frameCases].flatMap(({ want }) => want.map(([, rule]) => rule)))
    expect(
      Object.keys(lintRules).filter((rule) => ![...cased, 'engine-reads-otherwise'].includes(rule)),
    ).toEqual([])
  })
})

describe('a concept map is a table of one code to one code', () => {
  test.each<{ title: string; map: ConceptMap; want: string[] }>([
    { title: 'nothing wrong', map: conceptMap, want: [] },
    {
      title: 'no URL',
      map: { resourceType: 'ConceptMap', status: 'active', group: [group] },
      want: ['it has no `url`, so no map can name it'],
    },
    {
      title: 'no systems',
      map: withGroups({ element: group.element }),
      want: ['its group has no `source` or no `target` system'],
    },
    {
      title: '7 two groups',
      map: withGroups(group, group),
      want: ['it has 2 groups: the engine would look into the first only, so make one map each'],
    },
    {
      title: '7 a code for all others',
      map: withGroups({ ...group, unmapped: { mode: 'fixed', code: 'active' } }),
      want: ['`unmapped` would turn an unknown code into a known one: an unknown code is refused'],
    },
    {
      title: '9 disjoint',
      map: withElement({ code: 'a', target: [{ code: 'b', equivalence: 'disjoint' }] }),
      want: ['`a` is `disjoint`: only `equal` and `equivalent` are taken for the same'],
    },
    {
      title: '9 wider',
      map: withElement({ code: 'a', target: [{ code: 'b', equivalence: 'wider' }] }),
      want: ['`a` is `wider`: only `equal` and `equivalent` are taken for the same'],
    },
    {
      title: 'two targets',
      map: withElement({
        code: 'a',
        target: [
          { code: 'b', equivalence: 'equal' },
          { code: 'c', equivalence: 'equal' },
        ],
      }),
      want: ['`a` does not map to exactly one code'],
    },
    {
      title: 'a code twice',
      map: withElement(
        { code: 'a', target: [{ code: 'b', equivalence: 'equal' }] },
        { code: 'a', target: [{ code: 'c', equivalence: 'equal' }] },
      ),
      want: ['`a` is there twice'],
    },
  ])('$title', ({ map, want }) => {
    expect(lintConceptMap(map)).toEqual(want)
  })
})
