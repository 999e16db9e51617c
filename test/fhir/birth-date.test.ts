import { expect, test } from 'vitest'
import { birthDateOf } from '#fhir/birth-date.ts'
import { personSystem } from '#fhir/person-identifier.ts'

const { cpr, xEcpr, fnr, dnr, fhn } = personSystem

/** The test identities, each whole. */
test.each([
  [cpr, '2509479989', '1947-09-25'],
  [cpr, '1502779995', '1977-02-15'],
  [cpr, '0505059996', '2005-05-05'],
  [fnr, '15838510156', '1985-03-15'],
  [fnr, '02910350059', '2003-11-02'],
  [dnr, '49879012391', '1990-07-09'],
])('%s %s was born on %s', (system, value, birthDate) => {
  expect(birthDateOf({ system, value })).toBe(birthDate)
})

/** No number of anybody's: the last digits are missing, and the function does not ask for them. */
test.each([
  // Seventh digit of a CPR, with the year on each side of where the century changes.
  [cpr, '0101000', '1900-01-01'],
  [cpr, '0101993', '1999-01-01'],
  [cpr, '0101364', '2036-01-01'],
  [cpr, '0101374', '1937-01-01'],
  [cpr, '0101575', '2057-01-01'],
  [cpr, '0101585', '1858-01-01'],
  [cpr, '0101578', '2057-01-01'],
  [cpr, '0101588', '1858-01-01'],
  [cpr, '0101369', '2036-01-01'],
  [cpr, '0101379', '1937-01-01'],
  // Individual number of a fødselsnummer, likewise.
  [fnr, '010154499', '1954-01-01'],
  [fnr, '010154500', '1854-01-01'],
  [fnr, '010154749', '1854-01-01'],
  [fnr, '010154750', undefined],
  [fnr, '010153500', undefined],
  [fnr, '010139500', '2039-01-01'],
  [fnr, '010139999', '2039-01-01'],
  [fnr, '010140899', undefined],
  [fnr, '010140900', '1940-01-01'],
  [fnr, '010100499', '1900-01-01'],
  // Months of synthetic persons, days of D-numbers.
  [fnr, '014190100', '1990-01-01'],
  [fnr, '016690100', '1990-01-01'],
  [fnr, '018190100', '1990-01-01'],
  [fnr, '019390100', undefined],
  [fnr, '410190100', undefined],
  [dnr, '410190100', '1990-01-01'],
  [dnr, '010190100', undefined],
  // Leap days.
  [cpr, '2902004', '2000-02-29'],
  [cpr, '2902000', undefined],
  [cpr, '2902010', undefined],
  [cpr, '3002000', undefined],
])('%s %s…: %s', (system, start, birthDate) => {
  const value = start.padEnd(system === cpr ? 10 : 11, '0')
  expect(birthDateOf({ system, value })).toBe(birthDate)
})

test.each([
  ['X-eCPR', xEcpr, '0703921VJ4'],
  ['felles hjelpenummer', fhn, '81549300014'],
  ['another system', 'urn:oid:1.2.3.4', '2509479989'],
  ['no number', cpr, ''],
])('%s tells no birth date', (_, system, value) => {
  expect(birthDateOf({ system, value })).toBeUndefined()
})
