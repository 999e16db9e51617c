import type { Bundle, Composition, List, MessageHeader, Provenance, Resource } from '@medplum/fhirtypes'
import { describe, expect, test } from 'vitest'
import { type FateOf, redactBundle } from '#redact/bundle.ts'
import { redactContainer } from '#redact/container.ts'
import type { Names } from '#redact/names.ts'

const CANARY = 'kanariefugl134418'
const secret = { reference: `Condition/${CANARY}`, display: CANARY }
const open = { reference: 'Condition/open' }
const withheld: Names = { references: new Set([`Condition/${CANARY}`]), identifiers: new Set() }
const masked = {
  extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'masked' }],
}

const list: List = {
  resourceType: 'List',
  id: 'l',
  meta: { source: CANARY, versionId: '2' },
  status: 'current',
  mode: 'working',
  title: CANARY,
  code: { text: CANARY },
  note: [{ text: CANARY }],
  identifier: [{ value: CANARY }],
  entry: [{ item: secret, flag: { text: CANARY } }, { item: open }],
}
const composition: Composition = {
  resourceType: 'Composition',
  id: 'c',
  status: 'final',
  type: { coding: [{ system: 'http://loinc.org', code: '18842-5', display: CANARY }], text: CANARY },
  date: '2026-06-01',
  author: [{ reference: 'Organization/o' }],
  title: CANARY,
  section: [
    { title: CANARY, text: { status: 'generated', div: CANARY }, entry: [secret] },
    { title: CANARY, code: { text: CANARY }, section: [{ entry: [open, secret] }, { entry: [secret] }] },
  ],
}
const header: MessageHeader = {
  resourceType: 'MessageHeader',
  id: 'm',
  eventCoding: { system: 'urn:x', code: 'notified' },
  source: { endpoint: 'https://hospital.example' },
  reason: { text: CANARY },
  focus: [secret, open],
}
const provenance: Provenance = {
  resourceType: 'Provenance',
  id: 'p',
  recorded: '2026-06-01T08:00:00Z',
  agent: [{ who: { reference: 'Organization/o' } }],
  activity: { text: CANARY },
  target: [open, secret],
  entity: [
    { role: 'source', what: secret },
    { role: 'source', what: open },
  ],
}

describe('E2, E15: a container is decided by entry', () => {
  test.each<[Resource, object]>([
    [
      list,
      { id: 'l', meta: { versionId: '2' }, status: 'current', mode: 'working', entry: [{ item: open }] },
    ],
    [
      composition,
      {
        id: 'c',
        status: 'final',
        type: { coding: [{ system: 'http://loinc.org', code: '18842-5' }] },
        date: '2026-06-01',
        author: composition.author,
        // E6: R4 requires a title.
        _title: masked,
        section: [{ section: [{ entry: [open] }] }],
      },
    ],
    [header, { id: 'm', eventCoding: header.eventCoding, source: header.source, focus: [open] }],
    [
      provenance,
      {
        id: 'p',
        recorded: provenance.recorded,
        agent: provenance.agent,
        target: [open],
        entity: [{ role: 'source', what: open }],
      },
    ],
  ])('$resourceType keeps what it says of the rest, and no words about the whole', (container, rest) => {
    const redacted = redactContainer(container, withheld)
    expect(redacted).toEqual({ resourceType: container.resourceType, ...rest })
    expect(JSON.stringify(redacted)).not.toContain(CANARY)
  })

  test.each<Resource>([
    { ...list, entry: [{ item: secret }] },
    { ...composition, section: [{ title: 'x', entry: [secret] }] },
    { ...header, focus: [secret] },
    { ...provenance, target: [secret] },
  ])('$resourceType that points to nothing else has lost its point', (container) => {
    expect(redactContainer(container, withheld)).toBeUndefined()
  })

  test.each<Resource>([list, composition, header, provenance])(
    '$resourceType of which nothing is withheld stays as it is',
    (container) => {
      const names = { references: new Set(['Condition/other']), identifiers: new Set<string>() }
      expect(redactContainer(container, names)).toBe(container)
    },
  )

  test('one that is about the withheld itself cannot stay', () => {
    expect(redactContainer({ ...list, entry: [{ item: open }], subject: secret }, withheld)).toBeUndefined()
  })
})

const ACT_CODE = 'http://terminology.hl7.org/CodeSystem/v3-ActCode'
const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality'

function problem(id: string, ...codes: string[]): Resource {
  const security = codes.map((code) => ({ system: code.length === 1 ? CONFIDENTIALITY : ACT_CODE, code }))
  return { resourceType: 'Condition', id, meta: { security }, subject: { reference: 'Patient/p' } }
}

/** Whoever is named `kanariefugl…` may not go. */
const byName: FateOf = (resource) => (resource.id?.includes(CANARY) ? undefined : resource)

function bundleOf(...resources: Resource[]): Bundle {
  return {
    resourceType: 'Bundle',
    type: 'searchset',
    total: 40,
    meta: { security: [{ system: ACT_CODE, code: 'MASK' }], tag: [{ code: 'SUD' }] },
    link: [
      { relation: 'self', url: 'https://gate.example/Condition' },
      { relation: 'next', url: 'https://gate.example/Condition?page=2' },
    ],
    entry: resources.map((resource) => ({
      fullUrl: `https://gate.example/${resource.resourceType}/${resource.id}`,
      resource,
    })),
  }
}

describe('a Bundle', () => {
  const open1 = problem('open', 'R', 'PSY')
  const open2 = problem('open-2', 'N')
  const secret1 = problem(CANARY, 'V', 'SUD')

  test('E7, E17, S16: leaves no entry, no gap, no count and no page, and is labelled by what is in it', () => {
    expect(redactBundle(bundleOf(open1, secret1, open2), byName)).toEqual({
      resourceType: 'Bundle',
      type: 'searchset',
      meta: {
        security: [
          { system: CONFIDENTIALITY, code: 'R' },
          { system: ACT_CODE, code: 'PSY' },
        ],
      },
      link: [{ relation: 'self', url: 'https://gate.example/Condition' }],
      entry: [
        { fullUrl: 'https://gate.example/Condition/open', resource: open1 },
        { fullUrl: 'https://gate.example/Condition/open-2', resource: open2 },
      ],
    })
  })

  test('S16: whole, it keeps its count and pages, and no tag that tells of privacy', () => {
    const whole = bundleOf(open2)
    expect(redactBundle(whole, byName)).toEqual({
      ...whole,
      meta: { security: [{ system: CONFIDENTIALITY, code: 'N' }] },
    })
  })

  test('of which nothing may go is empty, as if there were nothing', () => {
    expect(redactBundle({ ...bundleOf(secret1), link: [] }, byName)).toEqual({
      resourceType: 'Bundle',
      type: 'searchset',
    })
  })

  test('an entry that names something without showing it cannot be decided, and goes', () => {
    const history: Bundle = {
      resourceType: 'Bundle',
      type: 'history',
      entry: [
        {
          fullUrl: `https://gate.example/Condition/${CANARY}`,
          request: { method: 'DELETE', url: `Condition/${CANARY}` },
          response: { status: '204' },
        },
      ],
    }
    expect(redactBundle(history, byName)).toEqual({ resourceType: 'Bundle', type: 'history' })
  })

  test.each(['document', 'message'] as const)('E15: a %s without its head is none', (type) => {
    const head = { ...(type === 'document' ? composition : header), id: CANARY }
    expect(redactBundle({ ...bundleOf(head, open1), type }, byName)).toBeUndefined()
    expect(redactBundle({ ...bundleOf(), type }, byName)).toBeUndefined()
  })

  test('E15: what pointed to something that went goes in the next round, until nothing changes', () => {
    const asked: string[][] = []
    const fateOf: FateOf = (resource, names) => {
      asked.push([...names.references])
      return byName(resource, names)
    }
    const about = (id: string, target: string): Provenance => ({
      ...provenance,
      id,
      entity: [],
      target: [{ reference: target }],
    })
    const bundle = bundleOf(
      about('p2', 'Provenance/p1'),
      about('p1', `Condition/${CANARY}`),
      list,
      secret1,
      open1,
    )
    const redacted = redactBundle(bundle, fateOf)
    expect(redacted?.entry?.map(({ resource }) => resource?.id)).toEqual(['l', 'open'])
    expect(JSON.stringify(redacted)).not.toContain(CANARY)
    expect(asked.at(-1)).toContain('https://gate.example/Provenance/p2')
  })
})
