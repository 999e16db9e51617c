import type { CarePlan, Goal } from '@medplum/fhirtypes'
import { describe, expect, test } from 'vitest'
import { answerTo, detail, plan, psychiatric, SKS, somatic } from './psychiatry-consent.ts'

const goal: Goal = {
  resourceType: 'Goal',
  id: 'g',
  lifecycleStatus: 'active',
  description: somatic,
  subject: { reference: 'Patient/citizen' },
}

/** Where an addiction can stand that no list of words and no prefix of a code finds. Each was released once. */
const hidden: readonly { readonly title: string; readonly part: Partial<CarePlan> }[] = [
  {
    title: 'a coding that is a display alone',
    part: { category: [{ coding: [{ display: 'CANARY, joints' }] }] },
  },
  {
    title: 'a coding without a code, in an activity',
    part: { activity: [psychiatric, detail({ coding: [{ display: 'CANARY, joints' }] })] },
  },
  { title: 'a reference that is a display alone', part: { addresses: [{ display: 'CANARY, joints' }] } },
  {
    title: 'the title of a document that is referred to',
    part: { supportingInfo: [{ reference: 'DocumentReference/1', display: 'CANARY, joints' }] },
  },
  {
    title: 'a string of a contained resource that is not among the usual ones',
    part: { goal: [{ reference: '#g' }], contained: [{ ...goal, statusReason: 'CANARY, joints' }] },
  },
  {
    title: 'the summary of a contained impression',
    part: {
      supportingInfo: [{ reference: '#i' }],
      contained: [
        {
          resourceType: 'ClinicalImpression',
          id: 'i',
          status: 'completed',
          subject: { reference: 'Patient/citizen' },
          summary: 'CANARY, joints',
        },
      ],
    },
  },
  {
    title: 'a unit of measure in words',
    part: {
      goal: [{ reference: '#g' }],
      contained: [
        {
          ...goal,
          target: [{ measure: somatic, detailQuantity: { value: 2, unit: 'CANARY, bottles of wine' } }],
        },
      ],
    },
  },
  {
    title: 'a code in an extension, without a system',
    part: { extension: [{ url: 'https://vendor.example/reason', valueCode: 'CANARY-F10' }] },
  },
  {
    title: 'a URI in an extension',
    part: {
      extension: [
        { url: 'https://vendor.example/reason', valueUri: 'http://hl7.org/fhir/sid/icd-10/CANARY-F10' },
      ],
    },
  },
  {
    title: 'an extension that nobody knows, with nothing but a yes',
    part: { extension: [{ url: 'https://vendor.example/CANARY-joints', valueBoolean: true }] },
  },
  {
    title: 'an extension inside an element that is known',
    part: {
      category: [
        {
          ...somatic,
          extension: [{ url: 'https://vendor.example/CANARY-audit-score', valueInteger: 31 }],
        },
      ],
    },
  },
  { title: 'the guideline that the plan follows', part: { instantiatesUri: ['urn:CANARY:joints'] } },
  {
    title: 'opioid dependence as a concept of SNOMED CT that has no rule',
    part: {
      category: [{ coding: [{ system: 'http://snomed.info/sct', code: '75544000', display: 'CANARY' }] }],
    },
  },
  {
    title: 'the total of AUDIT as a LOINC code that has no rule',
    part: { category: [{ coding: [{ system: 'http://loinc.org', code: '75624-7', display: 'CANARY' }] }] },
  },
  {
    title: 'an SKS diagnosis behind another one',
    part: { activity: [psychiatric, detail({ coding: [{ system: SKS, code: 'DZ032+DF102CANARY' }] })] },
  },
  {
    title: 'an SKS code of treatment',
    part: {
      activity: [psychiatric, detail({ coding: [{ system: SKS, code: 'BRXA1', display: 'CANARY' }] })],
    },
  },
]

describe('what may be about an addiction is withheld from a recipient with a consent to psychiatry', () => {
  for (const { title, part } of hidden) {
    test(title, () => {
      const { decision, sent } = answerTo({ ...plan, ...part })
      expect(decision).toMatchObject({ effect: 'permit', reason: 'permitted-in-part' })
      expect(sent).toContain('DF331')
      expect(sent).not.toContain('CANARY')
    })
  }

  const labels: readonly { readonly title: string; readonly label: object; readonly reason: string }[] = [
    {
      title: 'a sensitivity under the object id of v3-ActCode',
      label: { system: 'urn:oid:2.16.840.1.113883.5.4', code: 'SUD' },
      reason: 'label-not-covered',
    },
    {
      title: 'a sensitivity under the bare object id',
      label: { system: '2.16.840.1.113883.5.4', code: 'SUD' },
      reason: 'label-not-covered',
    },
    {
      title: 'a label of a local system that says it in words',
      label: { system: 'https://vendor.example/labels', code: 'X1', display: 'Stofmisbrug' },
      reason: 'label-not-covered',
    },
  ]
  for (const { title, label, reason } of labels) {
    test(`the whole plan, for ${title}`, () => {
      const { decision } = answerTo({ ...plan, meta: { security: [label] } })
      expect(decision).toMatchObject({ effect: 'deny', reason })
    })
  }

  test('the whole plan, for a confidentiality in the spelling of STU3', () => {
    const security = [{ system: 'http://hl7.org/fhir/v3/Confidentiality', code: 'V' }]
    const normal = { system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'N' }
    const { decision } = answerTo(
      { ...plan, activity: [detail(somatic)], meta: { security } },
      { listed: [normal] },
    )
    expect(decision).toMatchObject({ effect: 'deny', reason: 'label-not-covered' })
  })
})

describe('what is known to say nothing of an illness still goes out', () => {
  const harmless: readonly { readonly title: string; readonly part: Partial<CarePlan> }[] = [
    { title: 'times', part: { created: '2026-03-01T09:00:00+01:00' } },
    { title: 'the name of who does it', part: { author: { display: 'Lægehuset i Sandkøbing' } } },
    { title: 'a number of the plan', part: { identifier: [{ system: 'urn:oid:1.2.3', value: 'plan-7' }] } },
    {
      title: 'a code with its display, and a contained goal',
      part: {
        category: [{ coding: [{ system: SKS, code: 'DI109', display: 'Forhøjet blodtryk' }] }],
        goal: [{ reference: '#g' }],
        contained: [
          {
            ...goal,
            startDate: '2026-03-01',
            target: [
              {
                measure: somatic,
                detailQuantity: { value: 6, unit: 'h', system: 'http://unitsofmeasure.org', code: 'h' },
              },
            ],
          },
        ],
      },
    },
    {
      title: 'an operation of SKS',
      part: { activity: [psychiatric, detail({ coding: [{ system: SKS, code: 'KNFB20' }] })] },
    },
  ]
  for (const { title, part } of harmless) {
    test(title, () => {
      expect(answerTo({ ...plan, ...part }).decision).toMatchObject({ reason: 'permitted', withheld: [] })
    })
  }
})
