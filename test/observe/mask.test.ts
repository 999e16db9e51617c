import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { mask, maskNumber } from '#observe/mask.ts'

/** Reserved test identities only. */
test.each([
  { title: 'a CPR number', text: '2509479989', want: '[masked]' },
  { title: 'a CPR number as people write it', text: '250947-9989', want: '[masked]' },
  { title: 'a CPR number with a space', text: '250947 9989', want: '[masked]' },
  { title: 'a CPR number with another dash', text: '250947–9989', want: '[masked]' },
  { title: 'a fødselsnummer', text: '15838510156', want: '[masked]' },
  { title: 'a fødselsnummer as people write it', text: '158385 10156', want: '[masked]' },
  { title: 'a D-number', text: '49879012391', want: '[masked]' },
  {
    title: 'an OID urn with an id',
    text: 'urn:oid:1.2.208.176.1.2|0505059996',
    want: 'urn:oid:1.2.208.176.1.2|[masked]',
  },
  {
    title: 'a URL with an id',
    text: '/fhir/Patient?identifier=0505059996&_count=1',
    want: '/fhir/Patient?identifier=[masked]&_count=1',
  },
  { title: 'beside letters', text: 'cpr0505059996x', want: 'cpr[masked]x' },
  { title: 'two of them', text: '0505059996,0201919990', want: '[masked],[masked]' },
  { title: 'nine digits', text: '505059996', want: '505059996' },
  { title: 'twelve digits', text: '202611212301', want: '202611212301' },
  { title: 'an instant', text: '2026-11-21T22:48:00.000Z', want: '2026-11-21T22:48:00.000Z' },
  {
    title: 'a UUID with ten digits in a row',
    text: 'id 0f8fad5b-d9cb-469f-a165-b70867728951',
    want: 'id 0f8fad5b-d9cb-469f-a165-b70867728951',
  },
  {
    title: 'a UUID of digits alone, beside an id',
    text: '12345678-1234-1234-1234-123456789012 2509479989',
    want: '12345678-1234-1234-1234-123456789012 [masked]',
  },
  { title: 'a trace id', text: '4bf92f3577b34da6a312345678901ce0', want: '4bf92f3577b34da6a312345678901ce0' },
])('$title', ({ text, want }) => {
  expect(mask(text)).toBe(want)
})

test('a long text is cut, and never through an id', () => {
  expect(mask('x'.repeat(600))).toBe(`${'x'.repeat(500)}…`)
  expect(mask(`${'x'.repeat(495)}2509479989`)).toBe(`${'x'.repeat(495)}[mask…`)
})

test.each([
  { value: 2_509_479_989, want: '[masked]' },
  { value: 505_059_996, want: '[masked]' },
  { value: 15_838_510_156, want: '[masked]' },
  { value: 99_999_999, want: 99_999_999 },
  { value: 1_795_300_000_000, want: 1_795_300_000_000 },
  { value: 0.5, want: 0.5 },
])('the number $value', ({ value, want }) => {
  expect(maskNumber(value)).toBe(want)
})

test('no text lets an id through, whatever is around it', () => {
  const id = fc.constantFrom('2509479989', '1502779995', '3001749995', '02910350059', '49879012391')
  const around = fc.string({
    unit: fc.constantFrom('a', 'b', ' ', '-', '–', '.', ',', ':', '/', '?', '&', '=', '"', '\n'),
  })
  fc.assert(
    fc.property(around, id, around, (before, found, after) => {
      expect(mask(before + found + after)).not.toContain(found)
    }),
  )
})
