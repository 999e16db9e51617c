import type { CarePlan, Condition, Encounter, Resource } from '@medplum/fhirtypes'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isSafeNarrative } from '#fhir/validate-narrative.ts'
import { release } from '#redact/disclosure.ts'
import { hasNarrative, narrativeOf } from '#redact/narrative.ts'
import { decided, labelled, permitOf, PSY, rules } from './decided.ts'

const SKS = 'urn:oid:1.2.208.176.2.4.12'

const plan: CarePlan = {
  resourceType: 'CarePlan',
  id: 'plan',
  identifier: [{ system: 'urn:x', value: 'never shown' }],
  status: 'on-hold',
  intent: 'plan',
  title: 'Forår & <sommer>',
  subject: { reference: 'Patient/p', identifier: { system: 'urn:oid:1.2.208.176.1.2', value: '2509479989' } },
  period: { start: '2026-06-14T08:00:00+02:00' },
  contained: [
    {
      resourceType: 'Goal',
      id: 'g',
      lifecycleStatus: 'active',
      subject: { reference: 'Patient/p' },
      description: { text: 'Sove igennem' },
    },
  ],
  goal: [{ reference: '#g' }, { reference: 'Goal/9', display: 'Gå ture' }, { reference: 'Goal/10' }],
  activity: [
    {
      detail: {
        status: 'in-progress',
        code: { coding: [{ system: SKS, code: 'DF331', display: 'Depression' }] },
        description: 'Samtale',
        quantity: { value: 3, unit: 'timer', comparator: '<' },
        extension: [{ url: 'urn:x', valueString: 'never shown' }],
      },
    },
    {
      detail: { status: 'scheduled', doNotPerform: true, code: { coding: [{ system: SKS, code: 'DF200' }] } },
    },
  ],
  note: [{ text: 'Ring først', time: '2026-06-14' }],
}

const contact: Encounter = {
  resourceType: 'Encounter',
  status: 'finished',
  class: { code: 'AMB', display: 'ambulatory' },
  subject: { reference: 'Patient/p' },
  period: { start: '2026-06-14', end: '2026-06-15' },
  hospitalization: { destination: { display: 'Hjem' } },
}

const problem: Condition = {
  resourceType: 'Condition',
  subject: { reference: 'Patient/p' },
  code: { text: 'KOL' },
  verificationStatus: {
    coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-ver-status', code: 'refuted' }],
  },
}

function linesOf(resource: Resource, options = {}): readonly string[] {
  const { div } = narrativeOf(resource, options)
  return [...div.matchAll(/<(b|dt|dd|p)>([^<]+)</g)].map(([, tag, text]) => `${tag} ${text}`)
}

describe('E10: a narrative is made of what is released', () => {
  test('a plan, in Danish', () => {
    expect(linesOf(plan, { language: 'da' })).toEqual([
      'b Plan',
      'dt Titel',
      'dd Forår &amp; &lt;sommer&gt;',
      'dt Status',
      'dd sat i bero',
      'dt Periode',
      'dd 2026-06-14 08:00 –',
      'dt Mål',
      'dd Sove igennem',
      'dd Gå ture',
      'dt Indsatser',
      'dd i gang · Depression · Samtale · &lt;3 timer',
      'dd Skal ikke udføres · aftalt · DF200',
      'dt Noter',
      'dd Ring først',
    ])
  })

  test('a contact, in Norwegian', () => {
    expect(linesOf(contact, { language: 'nb' })).toEqual([
      'b Kontakt',
      'dt Status',
      'dd avsluttet',
      'dt Form',
      'dd ambulatory',
      'dt Periode',
      'dd 2026-06-14 – 2026-06-15',
      'dt Innleggelse',
      'dd Hjem',
    ])
  })

  test('a condition that was ruled out says so', () => {
    expect(linesOf(problem)).toEqual(['b Condition', 'dt What', 'dd KOL', 'dt Verification', 'dd refuted'])
  })

  test.each([
    ['da-DK', 'da'],
    ['nn', 'nb'],
    ['NO', 'nb'],
    ['en-GB', 'en'],
    ['sv', 'nb'],
    [undefined, 'nb'],
  ])('the language of the resource, %s, is that of its text: %s', (language, expected) => {
    const { div } = narrativeOf({ ...problem, ...(language && { language }) }, { language: 'nb' })
    expect(div).toContain(` lang="${expected}" xml:lang="${expected}">`)
  })

  test('E21, E24: that something is withheld, and that it is not to be passed on, is told; which kind is not', () => {
    expect(linesOf(problem, { language: 'da', reduced: true, noOnwardUse: true }).slice(-2)).toEqual([
      'p Noget er holdt tilbage. Kontakt afsenderen ved behov.',
      'p Må ikke gives videre uden nyt samtykke.',
    ])
  })

  test('a type without words of ours has none: it would be its name alone', () => {
    expect(['CarePlan', 'Procedure', 'Bundle'].map(hasNarrative)).toEqual([true, false, false])
  })
})

describe('in what is released', () => {
  test('a whole has a narrative too, since none was stored; one that came with it stays', () => {
    const decision = { ...decided(labelled(plan), permitOf()), obligations: [] }
    const text = { status: 'generated' as const, div: '<div xmlns="http://www.w3.org/1999/xhtml">x</div>' }
    const released = release(plan, decision, { language: 'da' }).resource
    expect(released).toEqual({ ...plan, text: narrativeOf(plan, { language: 'da' }) })
    expect(release({ ...plan, text }, decision).resource).toEqual({ ...plan, text })
  })

  test('contained resources of a part lose theirs, and their meta', () => {
    const [goal] = plan.contained ?? []
    const told = { ...goal, meta: { source: 'x' }, text: { status: 'additional', div: '<div>x</div>' } }
    const { title: _title, note: _note, ...rest } = plan
    const resource = {
      ...rest,
      contained: [told],
      goal: [{ reference: '#g' }],
      activity: [
        ...(plan.activity ?? []),
        { detail: { status: 'scheduled', code: { coding: [{ system: SKS, code: 'DF102' }] } } },
      ],
    }
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what a sender may well have sent
    const given = resource as CarePlan
    const decision = {
      ...decided(labelled(plan), permitOf()),
      withheld: [{ path: 'CarePlan.activity[2]', reason: 'label-denied' as const }],
    }
    const { resource: sent } = release(given, decision)
    expect('contained' in sent && sent.contained).toEqual([goal])
  })

  test('none of our own words has a label', () => {
    for (const language of ['da', 'nb', 'en'] as const) {
      const { div } = narrativeOf(
        { ...contact, hospitalization: {} },
        { language, reduced: true, noOnwardUse: true },
      )
      expect(rules.ofText(div)).toEqual([])
    }
    expect(decided(labelled(plan), permitOf(PSY)).effect).toBe('permit')
  })

  test('whatever the text, the narrative is safe XHTML, and says it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 30 }), (text) => {
        const { div } = narrativeOf({ ...problem, code: { text: `x${text}` } })
        expect(isSafeNarrative(div)).toBe(true)
        expect(div).toContain('<dd>x')
      }),
    )
  })
})
