/** The numbers of organisations: each form, each fault, each mended zero. Those used are the registers' own, or made for examples. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  organizationSchemeOf,
  type OrganizationSchemeName,
  organizationSchemes,
  readOrganizationIdentifier,
} from '#fhir/organization-identifier.ts'
import { sandboxOrganizations } from '#sandbox/identities.ts'
import type { Organization } from '#store/organizations.ts'

interface Case {
  readonly title: string
  readonly scheme: OrganizationSchemeName
  readonly given: string
  readonly expected: ReturnType<typeof readOrganizationIdentifier>
}

const read = (system: string, value: string): Case['expected'] => ({ identifier: { system, value } })
const SOR = 'urn:oid:1.2.208.176.1.1'
const GLN = 'https://www.gs1.org/gln'
const YDER = 'urn:oid:1.2.208.176.1.4'
const KOMMUNE = 'http://hl7.dk/fhir/core/CodeSystem/dk-core-municipality-codes'
const HER = 'urn:oid:2.16.578.1.12.4.1.2'
const ORGNR = 'urn:oid:2.16.578.1.12.4.1.4.101'
const mended = (from: string, to: string): string =>
  `\`${from}\` has lost its leading zeros; registered as \`${to}\`, check that it is meant`

// prettier-ignore
const cases: readonly Case[] = [
  { title: 'a SOR code', scheme: 'sor', given: '999001000016001', expected: read(SOR, '999001000016001') },
  { title: 'a SOR code of the least length', scheme: 'sor', given: '44191000016', expected: read(SOR, '44191000016') },
  { title: 'a SOR code a digit short', scheme: 'sor', given: '4419100001', expected: { fault: 'found 10 digits; send a SOR code, 11 to 18 digits' } },
  { title: 'a SOR code of the greatest length', scheme: 'sor', given: '123456789012345678', expected: read(SOR, '123456789012345678') },
  { title: 'a SOR code a digit long', scheme: 'sor', given: '1234567890123456789', expected: { fault: 'found 19 digits; send a SOR code, 11 to 18 digits' } },
  { title: 'a fødselsnummer in the place of a SOR code', scheme: 'sor', given: '15838510156', expected: { fault: "this is a person's number; send a SOR code, 11 to 18 digits" } },
  { title: 'a GLN', scheme: 'gln', given: '9520000000011', expected: read(GLN, '9520000000011') },
  { title: 'a GLN in groups', scheme: 'gln', given: '95 20000 00001 1', expected: read(GLN, '9520000000011') },
  { title: 'a GLN with a wrong check digit', scheme: 'gln', given: '9520000000012', expected: { fault: 'the check digit does not fit; compare each digit with the register and send a GLN, 13 digits' } },
  { title: 'a GLN with two digits exchanged', scheme: 'gln', given: '9250000000011', expected: { fault: 'the check digit does not fit; compare each digit with the register and send a GLN, 13 digits' } },
  { title: 'a GLN without its check digit', scheme: 'gln', given: '952000000001', expected: { fault: 'found 12 digits; send a GLN, 13 digits' } },
  { title: 'a provider number', scheme: 'ydernummer', given: '012345', expected: read(YDER, '012345') },
  { title: 'a provider number without its zero', scheme: 'ydernummer', given: '12345', expected: { ...read(YDER, '012345'), warning: mended('12345', '012345') } },
  { title: 'a provider number too short to be one', scheme: 'ydernummer', given: '12', expected: { fault: 'found 2 digits; send a provider number, 6 digits' } },
  { title: 'a provider number too long', scheme: 'ydernummer', given: '1234567', expected: { fault: 'found 7 digits; send a provider number, 6 digits' } },
  { title: 'a municipality code', scheme: 'kommunekode', given: '0751', expected: read(KOMMUNE, '0751') },
  { title: 'a municipality code without its zero', scheme: 'kommunekode', given: '101', expected: { ...read(KOMMUNE, '0101'), warning: mended('101', '0101') } },
  { title: 'a municipality code of two digits', scheme: 'kommunekode', given: '51', expected: { fault: 'found 2 digits; send a municipality code, 4 digits that begin with 0' } },
  { title: 'a code of a region', scheme: 'kommunekode', given: '1084', expected: { fault: 'found 4 digits; send a municipality code, 4 digits that begin with 0' } },
  { title: 'a CVR number', scheme: 'cvr', given: '13585628', expected: read('http://cvr.dk', '13585628') },
  { title: 'a CVR number that fails modulus 11', scheme: 'cvr', given: '13585629', expected: { fault: 'the modulus 11 does not fit; compare each digit with the register and send a CVR number, 8 digits' } },
  { title: 'a HER-id', scheme: 'herId', given: '8140000', expected: read(HER, '8140000') },
  { title: 'a HER-id with letters', scheme: 'herId', given: 'HER81', expected: { fault: 'found 5 characters that are not all digits; send a HER-id, 1 to 8 digits' } },
  { title: 'a CPR in the place of a HER-id', scheme: 'herId', given: '2509479989', expected: { fault: 'found 10 digits; send a HER-id, 1 to 8 digits' } },
  { title: 'a HER-id of nothing', scheme: 'herId', given: '', expected: { fault: 'found nothing; send a HER-id, 1 to 8 digits' } },
  { title: 'a RESH id', scheme: 'resh', given: '100320', expected: read('urn:oid:2.16.578.1.12.4.1.4.102', '100320') },
  { title: 'an organisation number', scheme: 'orgnr', given: '974760673', expected: read(ORGNR, '974760673') },
  { title: 'an organisation number as it is printed', scheme: 'orgnr', given: '974 760 673', expected: read(ORGNR, '974760673') },
  { title: 'an organisation number that fails modulus 11', scheme: 'orgnr', given: '974760674', expected: { fault: 'the modulus 11 does not fit; compare each digit with the register and send an organisation number, 9 digits that begin with 8 or 9' } },
  { title: 'nine digits that are no organisation number', scheme: 'orgnr', given: '123456785', expected: { fault: 'found 9 digits; send an organisation number, 9 digits that begin with 8 or 9' } },
]

test.each(cases)('$scheme: $title', ({ scheme, given, expected }) => {
  expect(readOrganizationIdentifier(scheme, given)).toEqual(expected)
})

const checked: readonly OrganizationSchemeName[] = ['gln', 'cvr', 'orgnr']

describe.each(checked)('%s', (scheme) => {
  const valid = cases.flatMap(({ scheme: of, expected }) =>
    of === scheme && 'identifier' in expected ? expected.identifier.value : [],
  )

  test('one wrong digit is always found', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...valid),
        fc.nat(12),
        fc.integer({ min: 1, max: 9 }),
        (value, place, add) => {
          const at = place % value.length
          const wrong = value.slice(0, at) + ((Number(value[at]) + add) % 10) + value.slice(at + 1)
          expect(readOrganizationIdentifier(scheme, wrong)).toHaveProperty('fault')
        },
      ),
    )
  })
})

test('no text repeats a number that may be a person’s', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...(Object.keys(organizationSchemes) as OrganizationSchemeName[])),
      fc.constantFrom('2509479989', '250947-9989', '15838510156', '02910350059', '49879012391'),
      (scheme, id) => {
        expect(JSON.stringify(readOrganizationIdentifier(scheme, id))).not.toContain(id.slice(0, 6))
      },
    ),
  )
})

const registered = Object.values<Organization>(sandboxOrganizations).flatMap(({ identifiers }) => identifiers)

test.each(registered)('the sandbox: $value is a number of its system', ({ system, value }) => {
  const scheme = organizationSchemeOf(system)
  expect(scheme && readOrganizationIdentifier(scheme, value)).toEqual({ identifier: { system, value } })
})
