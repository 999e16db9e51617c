import type { Composition, List, MessageHeader, Provenance, Resource } from '@medplum/fhirtypes'
import { describe, expect, test } from 'vitest'
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
