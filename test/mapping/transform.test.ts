import { structureMapTransform } from '@medplum/core'
import type { ConceptMap } from '@medplum/fhirtypes'
import { beforeAll, describe, expect, test } from 'vitest'
import { GatewayError } from '#fhir/gateway-error.ts'
import { compileMaps } from '#mapping/compile.ts'
import type { MappingAssets } from '#mapping/mapping-assets.ts'
import type { SourceFields, SourceRecord } from '#mapping/source-record.ts'
import { transform } from '#mapping/transform.ts'
import { indexDefinitions } from './index-definitions.ts'
import { STATUS_MAP, mapOf, recordSchema } from './lint-cases.ts'

beforeAll(indexDefinitions)

const conceptMap: ConceptMap = {
  resourceType: 'ConceptMap',
  status: 'active',
  url: STATUS_MAP,
  group: [
    {
      source: 'https://sluse.example/CodeSystem/a',
      target: 'http://hl7.org/fhir/care-plan-activity-status',
      element: [{ code: 'known', target: [{ code: 'scheduled', equivalence: 'equal' }] }],
    },
  ],
}

function assetsOf(rules: string, schema = recordSchema): MappingAssets {
  return {
    maps: [{ name: 'case/Case', text: mapOf(rules), recordSchema: schema }],
    conceptMaps: [{ name: 'case/status', conceptMap }],
  }
}

const type = "src -> tgt.resourceType = 'CarePlan';"
const status = `src.status as s -> tgt.status = translate(s, '${STATUS_MAP}', 'code');`
const kinds = `src.efforts as e, e.kind as k -> tgt.activity as act, act.detail as d, d.status = translate(k, '${STATUS_MAP}', 'code');`

describe('a code that no concept map has ends in a fault that names it', () => {
  const faultsOf = (rules: string, record: SourceRecord, fields?: SourceFields): unknown => {
    try {
      return transform(compileMaps(assetsOf(`${type}\n${rules}`)), 'case/Case', record, fields)
    } catch (error) {
      return error instanceof GatewayError ? error.faults : error
    }
  }
  const text = (code: string, path: string): string =>
    `${code} is in no row of the concept map for \`${path}\`: send a code of the map, or have it added`

  test.each([
    {
      title: 'known',
      rules: status,
      record: { status: 'known' },
      want: { resourceType: 'CarePlan', status: 'scheduled' },
    },
    { title: 'absent', rules: status, record: {}, want: { resourceType: 'CarePlan' } },
    {
      title: 'unknown, by the path in the resource',
      rules: status,
      record: { status: 'new' },
      want: [{ code: 'code-unknown', text: text('`new`', 'CarePlan.status'), expression: 'CarePlan.status' }],
    },
    {
      title: "unknown, by the sender's own field",
      rules: status,
      record: { status: 'new' },
      fields: { status: 'PV1-2' },
      want: [{ code: 'code-unknown', text: text('`new`', 'CarePlan.status'), expression: 'PV1-2' }],
    },
    {
      title: 'unknown, and no code to repeat',
      rules: status,
      record: { status: '2509479989' },
      want: [
        {
          code: 'code-unknown',
          text: text('a string of 10 characters', 'CarePlan.status'),
          expression: 'CarePlan.status',
        },
      ],
    },
    {
      title: 'unknown in a list',
      rules: kinds,
      record: { efforts: [{ kind: 'known' }, { kind: 'new' }] },
      want: [
        {
          code: 'code-unknown',
          text: text('the code', 'CarePlan.activity.detail.status'),
          expression: 'CarePlan.activity[1].detail.status',
        },
      ],
    },
    {
      title: 'named like a property of every object',
      rules: status,
      record: { status: 'constructor' },
      want: [
        {
          code: 'code-unknown',
          text: text('`constructor`', 'CarePlan.status'),
          expression: 'CarePlan.status',
        },
      ],
    },
  ])('$title', ({ rules, record, fields, want }) => {
    expect(faultsOf(rules, record, fields)).toEqual(want)
  })
})

test('24 an absent element is absent, though the name of another begins like it', () => {
  const schema = {
    type: 'object',
    properties: { plan: { type: 'string' }, planId: { type: 'string' } },
  } as const
  const maps = compileMaps(assetsOf(`${type}\nsrc.plan as p -> tgt.title = p;`, schema))
  expect(transform(maps, 'case/Case', { planId: 'P-1' })).toEqual({ resourceType: 'CarePlan' })

  const map = maps.maps.get('case/Case')
  if (!map) throw new Error('unreachable')
  const [made] = structureMapTransform(map.structureMap, [{ type: 'SourceRecord', value: { planId: 'P-1' } }])
  expect(made?.value, 'what the engine does').toEqual({ resourceType: 'CarePlan', title: 'P-1' })
})

test('the resource shares nothing with the record, and the record stays as it was', () => {
  const maps = compileMaps(assetsOf(`${type}\n${kinds}`))
  const record = Object.freeze({ efforts: Object.freeze([Object.freeze({ kind: 'known' })]) })
  const first = transform(maps, 'case/Case', record)
  expect(transform(maps, 'case/Case', record)).toEqual(first)
  expect(transform(maps, 'case/Case', record)).not.toBe(first)
})

test('a map that is not there, and one that makes no resource, are faults of ours', () => {
  const maps = compileMaps(assetsOf('src.title as t -> tgt.title = t;'))
  expect(() => transform(maps, 'case/Other', {})).toThrow('there is no map `case/Other` in mappings/')
  expect(() => transform(maps, 'case/Case', {})).toThrow('the map `case/Case` sets no `resourceType`')
})

test('no map with a finding is compiled: one line for each', () => {
  const { group } = conceptMap
  const assets: MappingAssets = {
    ...assetsOf(`${type}\nsrc.titel as t -> tgt.title = t;`),
    conceptMaps: [
      {
        name: 'case/status',
        conceptMap: { resourceType: 'ConceptMap', status: 'active', group: group ?? [] },
      },
    ],
  }
  expect(() => compileMaps(assets)).toThrow(
    /^the mappings have 2 faults:\nmappings\/case\/Case\.map:6 source-element-unknown `src\.titel`: .*\nmappings\/case\/status\.conceptmap\.json:1 concept-map it has no `url`.*$/,
  )
})
