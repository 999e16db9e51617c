import { describe, expect, test } from 'vitest'
import {
  jurisdictionOf,
  type OrganizationFacts,
  UNIT_TYPE_SYSTEM,
  unitTypeOf,
} from '#law/organization-facts.ts'
import { book, frameOf } from './real-law.ts'

const HL7 = 'http://terminology.hl7.org/CodeSystem/organization-type'
const SNOMED = 'http://snomed.info/sct'
const SOR = { system: 'urn:oid:1.2.208.176.1.1', value: '999001000016001' }
const PROVIDER = { system: 'urn:oid:1.2.208.176.1.4', value: '999003' }
const HER = { system: 'urn:oid:2.16.578.1.12.4.1.2', value: '999001' }
const RESH = { system: 'urn:oid:2.16.578.1.12.4.1.4.102', value: '999002' }

/** `own:gp` or `<system>|<code>`, all in one CodeableConcept. */
function typed(...codes: readonly string[]): OrganizationFacts {
  const coding = codes.map((each) => {
    const [system = '', code = ''] = each.split('|')
    return { system: system === 'own' ? UNIT_TYPE_SYSTEM : system, code }
  })
  return { type: [{ coding }] }
}

// prettier-ignore
const types: readonly { readonly title: string; readonly facts: OrganizationFacts; readonly want: string | undefined }[] = [
  { title: 'a code of ours', facts: typed('own|municipal-drug-treatment'), want: 'municipal-drug-treatment' },
  { title: 'a code of ours goes before foreign ones', facts: typed(`${HL7}|prov`, 'own|municipal-drug-treatment'), want: 'municipal-drug-treatment' },
  { title: 'a code of ours in a second concept', facts: { type: [{}, ...(typed('own|gp').type ?? [])] }, want: 'gp' },
  { title: 'the same code of ours twice', facts: typed('own|gp', 'own|gp'), want: 'gp' },
  { title: 'two codes of ours', facts: typed('own|gp', 'own|hospital'), want: undefined },
  { title: 'a code of ours that is none, beside a foreign one', facts: typed('own|gps', `${HL7}|prov`), want: undefined },
  { title: 'a code of ours that is none, beside one that is', facts: typed('own|gps', 'own|gp'), want: undefined },
  { title: 'our system without a code', facts: { type: [{ coding: [{ system: UNIT_TYPE_SYSTEM }] }] }, want: undefined },
  { title: 'a code of ours without its system', facts: { type: [{ coding: [{ code: 'gp' }] }] }, want: undefined },
  { title: 'HL7: a provider', facts: typed(`${HL7}|prov`), want: 'health-service' },
  { title: 'HL7: a hospital department', facts: typed(`${HL7}|dept`), want: 'hospital' },
  { title: 'HL7: government', facts: typed(`${HL7}|govt`), want: 'social-authority' },
  { title: 'HL7: education', facts: typed(`${HL7}|edu`), want: 'school' },
  { title: 'HL7: an insurer', facts: typed(`${HL7}|ins`), want: undefined },
  { title: 'HL7: a provider, and an insurer, of which no law is known', facts: typed(`${HL7}|prov`, `${HL7}|ins`), want: 'health-service' },
  { title: 'a hospital department is a provider: the narrower says more', facts: typed(`${HL7}|prov`, `${HL7}|dept`), want: 'hospital' },
  { title: 'a psychiatric hospital, three times broader', facts: typed(`${HL7}|prov`, `${SNOMED}|62480006`, `${HL7}|dept`), want: 'hospital-psychiatry' },
  { title: 'a psychiatric hospital that is a provider, two steps broader', facts: typed(`${HL7}|prov`, `${SNOMED}|62480006`), want: 'hospital-psychiatry' },
  { title: 'a provider and an authority', facts: typed(`${HL7}|prov`, `${HL7}|govt`), want: undefined },
  { title: 'SNOMED: a psychiatric hospital', facts: typed(`${SNOMED}|62480006`), want: 'hospital-psychiatry' },
  { title: 'SNOMED: general practice', facts: typed(`${SNOMED}|394814009`), want: 'gp' },
  { title: 'SNOMED: an addiction centre, which works under either law', facts: typed(`${SNOMED}|20078004`), want: undefined },
  { title: 'an addiction centre that calls itself a provider', facts: typed(`${HL7}|prov`, `${SNOMED}|20078004`), want: undefined },
  { title: 'a code of another system', facts: typed('http://example.org|prov'), want: undefined },
  { title: 'a provider number', facts: { identifier: [PROVIDER] }, want: 'health-service' },
  { title: 'a GP with a provider number', facts: { ...typed(`${SNOMED}|394814009`), identifier: [PROVIDER] }, want: 'gp' },
  { title: 'an authority with a provider number', facts: { ...typed(`${HL7}|govt`), identifier: [PROVIDER] }, want: undefined },
  { title: 'a register of units of all kinds', facts: { identifier: [SOR] }, want: undefined },
  { title: 'a Norwegian register of the specialist health service', facts: { identifier: [RESH] }, want: 'health-service' },
  { title: 'a provider number without a value', facts: { identifier: [{ system: PROVIDER.system }] }, want: undefined },
  { title: 'a provider number without its system', facts: { identifier: [{ value: PROVIDER.value }] }, want: undefined },
  { title: 'nothing', facts: {}, want: undefined },
]

describe('the type of a unit:', () => {
  test.for(types)('$title', ({ facts, want }) => {
    expect(unitTypeOf(book, facts)).toBe(want)
  })

  test.for(types)('in any order: $title', ({ facts }) => {
    const turned = {
      ...facts,
      type: (facts.type ?? []).toReversed().map(({ coding = [] }) => ({ coding: coding.toReversed() })),
    }
    expect(unitTypeOf(book, turned)).toBe(unitTypeOf(book, facts))
  })

  test('a type that is not known stops the disclosure', () => {
    expect(frameOf({ recipientUnitType: unitTypeOf(book, {}) }).stop?.reason).toBe('unit-type-unknown')
  })
})

const GLN = 'https://www.gs1.org/gln'

// prettier-ignore
const countries: readonly { readonly title: string; readonly facts: OrganizationFacts; readonly want: ReturnType<typeof jurisdictionOf> }[] = [
  { title: 'SOR', facts: { identifier: [SOR] }, want: 'DK' },
  { title: 'a provider number', facts: { identifier: [PROVIDER] }, want: 'DK' },
  { title: 'a provider number under the URI that FUT writes', facts: { identifier: [{ system: 'urn:oid.1.2.208.176.1.4', value: '999003' }] }, want: 'DK' },
  { title: 'CVR', facts: { identifier: [{ system: 'http://cvr.dk', value: '99999999' }] }, want: 'DK' },
  { title: 'KOMBIT', facts: { identifier: [{ system: 'https://kombit.dk/sts/organisation', value: 'urn:uuid:00000000-0000-4000-8000-000000000000' }] }, want: 'DK' },
  { title: 'a GLN of the Danish public sector', facts: { identifier: [{ system: GLN, value: '5790000000000' }] }, want: 'DK' },
  { title: 'a GLN of the Danish public sector, as dk-core writes it', facts: { identifier: [{ system: 'http://www.gs1.org/gln', value: '5790000000000' }] }, want: 'DK' },
  { title: 'a GLN of anybody', facts: { identifier: [{ system: GLN, value: '9520000000011' }] }, want: undefined },
  { title: 'HER-id', facts: { identifier: [HER] }, want: 'NO' },
  { title: 'organisation number', facts: { identifier: [{ system: 'urn:oid:2.16.578.1.12.4.1.4.101', value: '999999999' }] }, want: 'NO' },
  { title: 'RESH', facts: { identifier: [RESH] }, want: 'NO' },
  { title: 'an address, two letters', facts: { address: [{ country: 'DK' }] }, want: 'DK' },
  { title: 'an address, three letters', facts: { address: [{ country: 'NOR' }] }, want: 'NO' },
  { title: 'an address, in words', facts: { address: [{ country: ' norge ' }] }, want: 'NO' },
  { title: 'an address elsewhere', facts: { address: [{ country: 'SE' }] }, want: undefined },
  { title: 'an address without a country', facts: { address: [{}] }, want: undefined },
  { title: 'number and address agree', facts: { identifier: [SOR], address: [{ country: 'DNK' }] }, want: 'DK' },
  { title: 'number and address disagree', facts: { identifier: [SOR], address: [{ country: 'NO' }] }, want: 'contradictory' },
  { title: 'numbers of two countries', facts: { identifier: [HER, SOR] }, want: 'contradictory' },
  { title: 'addresses in two countries', facts: { address: [{ country: 'DK' }, { country: 'NO' }] }, want: 'contradictory' },
  { title: 'a number without a value', facts: { identifier: [{ system: SOR.system }] }, want: undefined },
  { title: 'an unknown register', facts: { identifier: [{ system: 'urn:oid:1.2.3', value: '1' }] }, want: undefined },
  { title: 'nothing', facts: {}, want: undefined },
]

describe('the country of a unit:', () => {
  test.for(countries)('$title', ({ facts, want }) => {
    expect(jurisdictionOf(book, facts)).toBe(want)
  })
})
