import { describe, expect, test } from 'vitest'
import { fitsDates, readDateTerm, spanOf, spanOfElement } from '#fhir/date-search.ts'

const utc = (text: string): number => Date.parse(text)

// https://hl7.org/fhir/R4/search.html#date: a date is all of what its precision leaves open
describe('the span of', () => {
  const cases = [
    ['a year', '2026', '2026-01-01T00:00:00Z', '2027-01-01T00:00:00Z'],
    ['a month', '2026-02', '2026-02-01T00:00:00Z', '2026-03-01T00:00:00Z'],
    ['December', '2026-12', '2026-12-01T00:00:00Z', '2027-01-01T00:00:00Z'],
    ['a day', '2026-02-28', '2026-02-28T00:00:00Z', '2026-03-01T00:00:00Z'],
    ['a leap day', '2028-02-29', '2028-02-29T00:00:00Z', '2028-03-01T00:00:00Z'],
    ['a minute', '2026-01-31T10:15Z', '2026-01-31T10:15:00Z', '2026-01-31T10:16:00Z'],
    ['a second', '2026-01-31T10:15:07Z', '2026-01-31T10:15:07Z', '2026-01-31T10:15:08Z'],
    ['a millisecond', '2026-01-31T10:15:07.250Z', '2026-01-31T10:15:07.250Z', '2026-01-31T10:15:07.251Z'],
    [
      'more digits than are kept',
      '2026-01-31T10:15:07.250999Z',
      '2026-01-31T10:15:07.250Z',
      '2026-01-31T10:15:07.251Z',
    ],
    ['a second in a zone', '2026-01-31T10:15:07+01:00', '2026-01-31T09:15:07Z', '2026-01-31T09:15:08Z'],
  ] as const
  test.for(cases)('%s', ([, text, from, until]) => {
    expect(spanOf(text)).toEqual({ from: utc(from), until: utc(until) })
  })

  test.each([
    '',
    '26',
    '0026',
    '2026-1',
    '2026-13',
    '2026-00',
    '2026-02-29',
    '2026-02-30',
    '2026-04-31',
    '2026-01-31T10',
    '2026-01-31T10:15',
    '2026-01-31T10:15:07',
    '2026-01-31T25:00Z',
    '2026-01-31T10:15:07.Z',
    '2026-02-30T10:00Z',
    'Jan 1 2026',
    '2026-01-31 10:15Z',
    ' 2026',
  ])('%j is none', (text) => expect(spanOf(text)).toBeUndefined())
})

describe('the span of an element', () => {
  const cases = [
    ['a period', { start: '2026-01-05', end: '2026-01-06' }, [utc('2026-01-05'), utc('2026-01-07')]],
    ['a period that goes on', { start: '2026-01-05' }, [utc('2026-01-05'), Infinity]],
    ['a period that began some time', { end: '2026-01-05' }, [-Infinity, utc('2026-01-06')]],
    ['a date', '2026-01-05', [utc('2026-01-05'), utc('2026-01-06')]],
    ['a period that says nothing', {}, undefined],
    ['a period with a bound that is no date', { start: '2026-01-05', end: 'soon' }, undefined],
    ['nothing', undefined, undefined],
  ] as const
  test.for(cases)('%s', ([, element, want]) => {
    expect(spanOfElement(element)).toEqual(want && { from: want[0], until: want[1] })
  })
})

// https://hl7.org/fhir/R4/search.html#prefix, against the whole day of 31 January 2026
describe('a prefix', () => {
  const spans = {
    before: ['2026-01-29', '2026-01-31'],
    ends: ['2026-01-30', '2026-02-01'],
    inside: ['2026-01-31', '2026-02-01'],
    starts: ['2026-01-31', '2026-02-02'],
    around: ['2026-01-30', '2026-02-02'],
    after: ['2026-02-01', '2026-02-02'],
  } as const
  const found = {
    eq: ['inside'],
    ne: ['before', 'ends', 'starts', 'around', 'after'],
    gt: ['starts', 'around', 'after'],
    lt: ['before', 'ends', 'around'],
    ge: ['inside', 'starts', 'around', 'after'],
    le: ['before', 'ends', 'inside', 'around'],
    sa: ['after'],
    eb: ['before'],
  } as const
  test.for(Object.entries(found))('%s', ([prefix, want]) => {
    const term = readDateTerm(`${prefix}2026-01-31`)
    const fitting = Object.entries(spans).filter(([, [from, until]]) =>
      fitsDates({ from: utc(from), until: utc(until) }, [term ? [term] : []]),
    )
    expect(fitting.map(([name]) => name)).toEqual(want)
  })

  test('is eq when there is none', () => expect(readDateTerm('2026-01-31')?.prefix).toBe('eq'))
  test.each(['ap2026-01-31', 'ge', 'GE2026-01-31', 'eqeq2026', 'ge2026-02-30'])('%s is not read', (text) =>
    expect(readDateTerm(text)).toBeUndefined(),
  )

  test('what has no date is found by none, not even by what it is not', () => {
    const term = readDateTerm('ne2026-01-31')
    expect(fitsDates(undefined, [term ? [term] : []])).toBe(false)
    expect(fitsDates(undefined, [])).toBe(true)
  })
})
