/** X6: both words of PCF are read, and a list of which anything is not understood is not used at all. */
import { describe, expect, test } from 'vitest'
import { compileConsent } from '#consent/decide.ts'
import { readResidual } from '#consent/read-residual.ts'
import { decideWithoutContent } from '#consent/without-content.ts'
import { consentOf, context, requestOf } from './case-files.ts'

const R = { system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' }
const plan = { meaning: 'instance', reference: { reference: 'CarePlan/plan' } }

describe('X6', () => {
  test.each(['forbid', 'deny'])('`%s` forbids', (type) => {
    expect(readResidual([{ type, securityLabel: [R] }])).toEqual([{ type: 'forbid', securityLabel: [R] }])
  })

  test('what is written here is read back', () => {
    const consent = consentOf('a', 'treatment-permit', {
      provision: {
        dataPeriod: { start: '2026-01-01', end: '2026-12-31' },
        data: [plan],
        code: [{ coding: [{ system: 'urn:oid:1.2.208.176.2.4.12', code: 'DF33' }] }],
        provision: [{ type: 'deny', securityLabel: [R] }],
      },
    })
    const { residual } = decideWithoutContent(requestOf(), [compileConsent(consent)], context)
    expect(residual).toHaveLength(3)
    expect(readResidual(JSON.parse(JSON.stringify(residual)))).toEqual(residual)
  })

  test('an empty list restricts nothing', () => expect(readResidual([])).toEqual([]))

  test('an author may be named by a number', () => {
    const data = [{ meaning: 'authoredby', reference: { identifier: { value: '900000000000011' } } }]
    expect(readResidual([{ type: 'permit', data }])).toEqual([{ type: 'permit', data }])
  })

  test.each<[string, unknown]>([
    ['no list', undefined],
    ['an object', { type: 'forbid' }],
    ['an entry that is none', [{ type: 'forbid' }, 'permit']],
    ['an entry without its word', [{ securityLabel: [R] }]],
    ['a third word', [{ type: 'allow' }]],
    ['a word of another kind', [{ type: ['permit'] }]],
    ['an element that nobody knows', [{ type: 'permit', action: [R] }]],
    ['no labels', [{ type: 'permit', securityLabel: [] }]],
    ['one label in place of a list', [{ type: 'permit', securityLabel: R }]],
    ['a label without its system', [{ type: 'permit', securityLabel: [{ code: 'R' }] }]],
    ['a label without its code', [{ type: 'permit', securityLabel: [{ system: R.system }] }]],
    ['a label that is none', [{ type: 'permit', securityLabel: [R, 'R'] }]],
    ['a period without bounds', [{ type: 'permit', dataPeriod: {} }]],
    ['a period that is none', [{ type: 'permit', dataPeriod: '2026' }]],
    ['a bound that is no date', [{ type: 'permit', dataPeriod: { start: 2026 } }]],
    ['a bound of another name', [{ type: 'permit', dataPeriod: { from: '2026' } }]],
    ['data of no meaning', [{ type: 'permit', data: [{ reference: plan.reference }] }]],
    ['data that names nothing', [{ type: 'permit', data: [{ meaning: 'instance', reference: {} }] }]],
    ['data without a reference', [{ type: 'permit', data: [{ meaning: 'instance' }] }]],
    ['a class without its code', [{ type: 'permit', class: [{ system: R.system }] }]],
    ['a code of text alone', [{ type: 'permit', code: [{ text: 'depression' }] }]],
  ])('%s is not understood', (_, list) => expect(readResidual(list)).toBeUndefined())
})
