import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { GatewayError } from '#fhir/gateway-error.ts'
import { personSystem, readPersonIdentifier } from '#fhir/person-identifier.ts'

const { cpr, xEcpr, fnr, dnr, fhn } = personSystem

describe('a national identifier is read and normalised', () => {
  test.each([
    { title: 'CPR', system: cpr, value: '2509479989', want: { system: cpr, value: '2509479989' } },
    {
      title: 'CPR with its hyphen',
      system: cpr,
      value: '250947-9989',
      want: { system: cpr, value: '2509479989' },
    },
    {
      title: 'CPR without mod-11',
      system: cpr,
      value: '1502779995',
      want: { system: cpr, value: '1502779995' },
    },
    {
      title: 'CPR of 29 February',
      system: cpr,
      value: '2902019995',
      want: { system: cpr, value: '2902019995' },
    },
    { title: 'X-eCPR', system: xEcpr, value: '0703921VJ4', want: { system: xEcpr, value: '0703921VJ4' } },
    {
      title: 'synthetic fødselsnummer',
      system: fnr,
      value: '15838510156',
      want: { system: fnr, value: '15838510156' },
    },
    {
      title: 'synthetic fødselsnummer',
      system: fnr,
      value: '02910350059',
      want: { system: fnr, value: '02910350059' },
    },
    { title: 'D-number', system: dnr, value: '49879012391', want: { system: dnr, value: '49879012391' } },
    {
      title: 'D-number sent as fødselsnummer',
      system: fnr,
      value: '49879012391',
      want: { system: dnr, value: '49879012391' },
    },
    {
      title: 'fødselsnummer sent as D-number',
      system: dnr,
      value: '15838510156',
      want: { system: fnr, value: '15838510156' },
    },
    {
      title: 'felles hjelpenummer',
      system: fhn,
      value: '81549300014',
      want: { system: fhn, value: '81549300014' },
    },
  ])('$title', ({ system, value, want }) => {
    expect(readPersonIdentifier(system, value)).toEqual(want)
  })
})

const bad = (length: number): string =>
  `a string of ${length} characters is no number of this system: correct the patient's identifier`

describe('any other identifier is refused, in the field to blame', () => {
  const unknown = 'the identifier is in no national system: send a CPR, fnr or D-number'
  const regional = 'a regional replacement number is unique in its region only: send a CPR'
  const hNumber = 'an H-number is valid in one enterprise only: send a fødselsnummer'
  test.each([
    {
      title: 'no system',
      system: undefined,
      value: '1',
      code: 'patient-id-unknown-scheme',
      text: 'found nothing as the system: send a CPR, fnr or D-number',
    },
    {
      title: 'a system of our dreams',
      system: 'http://rn.dk',
      value: '0706830VJ9',
      code: 'patient-id-unknown-scheme',
      text: unknown,
    },
    {
      title: 'an inherited property name',
      system: 'constructor',
      value: '1',
      code: 'patient-id-unknown-scheme',
      text: unknown,
    },
    {
      title: 'D-eCPR of a region',
      system: 'urn:oid:1.2.208.176.1.6.1.3.187',
      value: '1206550VK9',
      code: 'patient-id-not-exchangeable',
      text: regional,
    },
    {
      title: 'D-eCPR without suffix',
      system: 'urn:oid:1.2.208.176.1.6.1.3',
      value: '1206550VK9',
      code: 'patient-id-not-exchangeable',
      text: regional,
    },
    {
      title: 'H-number',
      system: fnr,
      value: '15438510173',
      code: 'patient-id-not-exchangeable',
      text: hNumber,
    },
    { title: 'CPR on 31 April', system: cpr, value: '3104479989', code: 'field-invalid', text: bad(10) },
    { title: 'CPR in month 13', system: cpr, value: '2513479989', code: 'field-invalid', text: bad(10) },
    {
      title: 'CPR in full-width digits',
      system: cpr,
      value: '２509479989',
      code: 'field-invalid',
      text: bad(10),
    },
    { title: 'CPR in Arabic digits', system: cpr, value: '٢509479989', code: 'field-invalid', text: bad(10) },
    {
      title: 'CPR with two hyphens',
      system: cpr,
      value: '250947--9989',
      code: 'field-invalid',
      text: bad(12),
    },
    {
      title: 'CPR with a misplaced hyphen',
      system: cpr,
      value: '2509-479989',
      code: 'field-invalid',
      text: bad(11),
    },
    { title: 'CPR with a blank', system: cpr, value: '2509479989 ', code: 'field-invalid', text: bad(11) },
    {
      title: 'CPR with a line end',
      system: cpr,
      value: '2509479989\n',
      code: 'field-invalid',
      text: bad(11),
    },
    {
      title: 'replacement CPR as CPR',
      system: cpr,
      value: '0703921VJ4',
      code: 'field-invalid',
      text: bad(10),
    },
    { title: 'D-eCPR as X-eCPR', system: xEcpr, value: '1206550VK9', code: 'field-invalid', text: bad(10) },
    {
      title: 'X-eCPR in small letters',
      system: xEcpr,
      value: '0703921vj4',
      code: 'field-invalid',
      text: bad(10),
    },
    {
      title: 'fødselsnummer with one digit changed',
      system: fnr,
      value: '15838510157',
      code: 'field-invalid',
      text: bad(11),
    },
    {
      title: 'felles hjelpenummer with a wrong control digit',
      system: fhn,
      value: '81549300015',
      code: 'field-invalid',
      text: bad(11),
    },
    {
      title: 'felles hjelpenummer that begins as a date',
      system: fhn,
      value: '15838510156',
      code: 'field-invalid',
      text: bad(11),
    },
    {
      title: 'ten digits as fødselsnummer',
      system: fnr,
      value: '2509479989',
      code: 'field-invalid',
      text: bad(10),
    },
  ])('$title', ({ system, value, code, text }) => {
    let faults: unknown
    try {
      faults = readPersonIdentifier(system, value, 'PID-3')
    } catch (error) {
      faults = error instanceof GatewayError ? error.faults : error
    }
    expect(faults).toEqual([{ code, text, expression: 'PID-3' }])
  })
})

test('no value that is not ten digits with a date is a CPR, and no fault repeats it', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9]{9,11}$/)), (value) => {
      try {
        expect(readPersonIdentifier(cpr, value).value).toMatch(/^[0-9]{10}$/)
      } catch (error) {
        if (!(error instanceof GatewayError)) throw error
        if (value.length >= 6) expect(JSON.stringify(error.faults)).not.toContain(value)
      }
    }),
  )
})
