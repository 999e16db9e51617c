import type { CarePlan, DocumentReference, Goal } from '@medplum/fhirtypes'
import { describe, expect, test } from 'vitest'
import { UnclassifiedFiles } from '#consent/unclassified-files.ts'

const file = { contentType: 'image/png', data: 'AAAA' }
const inline = {
  url: 'http://hl7.org/fhir/uv/security-label-ds4p/StructureDefinition/extension-inline-sec-label',
  valueCoding: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'PSY' },
}
const plan: CarePlan = { resourceType: 'CarePlan', status: 'active', intent: 'plan', subject: {} }

function document(id: string, more: object = {}): DocumentReference {
  return {
    resourceType: 'DocumentReference',
    id,
    status: 'current',
    content: [{ attachment: file, ...more }],
  }
}

function pointing(id: string, to: string): Goal {
  return {
    resourceType: 'Goal',
    id,
    lifecycleStatus: 'active',
    subject: {},
    description: {},
    addresses: [{ reference: to }],
  }
}

describe('E13: a file that nobody classified does not go with a part', () => {
  test.each<[string, Partial<CarePlan>, unknown, readonly string[]]>([
    ['none where there is none', {}, { reference: 'DocumentReference/7' }, []],
    [
      'the extension that it is in',
      {},
      { extension: [{ url: 'urn:x', valueAttachment: file }] },
      ['x.extension[0]'],
    ],
    [
      'what a message holds, also of no known form',
      {},
      [{ contentAttachment: { url: 'urn:oid:1.2' } }],
      ['x[0]'],
    ],
    [
      'not the file that has a label of its own',
      {},
      [{ attachment: { ...file, extension: [inline] } }, { attachment: file }],
      ['x[1]'],
    ],
    [
      'not when a person said what it is about',
      {},
      { extension: [{ url: 'urn:x', extension: [inline], valueAttachment: file }] },
      [],
    ],
    [
      'also when a label says nothing',
      {},
      { extension: [{ url: 'urn:x', extension: [{ url: inline.url }], valueAttachment: file }] },
      ['x.extension[0]'],
    ],
    [
      'the reference to a recording',
      {
        contained: [
          {
            resourceType: 'Media',
            id: 'm',
            status: 'completed',
            content: { contentType: 'audio/mp4', url: 'https://hospital.example/7' },
          },
        ],
      },
      { reference: '#m' },
      ['x'],
    ],
    [
      'the reference to a document that has one',
      { contained: [document('d')] },
      [{ reference: '#d' }, { reference: '#e' }],
      ['x[0]'],
    ],
    [
      'not the one to a document whose file is labelled',
      { contained: [document('d', { extension: [inline] })] },
      { reference: '#d' },
      [],
    ],
    [
      'the reference to bytes',
      { contained: [{ resourceType: 'Binary', id: 'b', contentType: 'image/png' }] },
      { reference: '#b' },
      ['x'],
    ],
    [
      'the reference to what leads to one',
      { contained: [pointing('a', '#b'), pointing('b', '#d'), document('d')] },
      { reference: '#a' },
      ['x'],
    ],
    ['and a circle ends', { contained: [pointing('a', '#b'), pointing('b', '#a')] }, { reference: '#a' }, []],
  ])('%s', (_, more, value, paths) => {
    const found = new UnclassifiedFiles({ ...plan, ...more }).in(value, 'x')
    expect(found).toEqual(paths.map((path) => ({ path, reason: 'attachment-unclassified' })))
  })
})
