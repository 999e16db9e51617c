import type { Resource } from '@medplum/fhirtypes'
import { expect, test } from 'vitest'
import { highWaterMark } from '#redact/high-water-mark.ts'

const ACT_CODE = 'http://terminology.hl7.org/CodeSystem/v3-ActCode'
const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality'

function labelled(...codes: readonly string[]): Resource {
  const security = codes.map((code) => ({ system: code.length === 1 ? CONFIDENTIALITY : ACT_CODE, code }))
  return { resourceType: 'Condition', meta: { security }, subject: { reference: 'Patient/p' } }
}

test.each<[string, readonly Resource[], readonly string[]]>([
  ['nothing, of nothing', [], []],
  ['nothing, of what has no labels', [{ resourceType: 'Basic', code: {} }], []],
  ['the highest confidentiality, below N as well', [labelled('U'), labelled('M')], ['M']],
  [
    'all sensitivities, each once',
    [labelled('N', 'SUD'), labelled('R', 'PSY'), labelled('R', 'PSY')],
    ['R', 'PSY', 'SUD'],
  ],
  [
    'no tag that tells of privacy, and no mark of redaction',
    [labelled('V', 'MASK', 'NODSCLCD', 'PSY')],
    ['V', 'PSY'],
  ],
])('S16: a Bundle has %s', (_, resources, codes) => {
  const mark = highWaterMark(resources)
  expect(mark.map(({ code }) => code)).toEqual(codes)
  expect(highWaterMark(resources.toReversed())).toEqual(mark)
  for (const { system, code } of mark) expect(system).toBe(code?.length === 1 ? CONFIDENTIALITY : ACT_CODE)
})
