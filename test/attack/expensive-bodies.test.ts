import type { CarePlan, Consent, ConsentProvision, Encounter, Resource } from '@medplum/fhirtypes'
import { describe, expect, test } from 'vitest'
import { parseConditionList } from '#adapters/gp/parse-condition-list.ts'
import { parseAdt } from '#adapters/hospital/parse-adt.ts'
import { readProfiles } from '#assets/profiles.ts'
import { GatewayError } from '#fhir/gateway-error.ts'
import { parseJsonBody } from '#fhir/json-body.ts'
import { createValidator } from '#fhir/validate.ts'
import { prepare } from '#intake/prepare.ts'
import { label } from '#label/label.ts'
import { sandboxOrganizations } from '#sandbox/identities.ts'
import { sampleText } from '#test/fhir-samples.ts'
import { consent } from '#test/valid-resources.ts'
import { answerTo, plan, rules, somatic } from './psychiatry-consent.ts'

const validator = createValidator(readProfiles(new URL('../../', import.meta.url)))
const citizen = '7d6f3f4e-6a53-4d0b-b9bd-6f0b6a0e3a01'

/**
 * Seconds of this process's CPU. What is measured here took from 8 s to many minutes for a body of 100 KB to 2 MB, and
 * takes 0.1 to 0.6 s; the bound leaves room for a slow machine.
 */
const BOUND_S = 4

function cpuSeconds(work: () => unknown): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1_000_000
}

function many<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index))
}

function accept(resource: Resource): unknown {
  const named = {
    subjectId: citizen,
    id: '0b7e4a52-5d52-4f0b-9f4e-3a0f6a1d2c11',
    versionId: '0b7e4a52-5d52-4f0b-9f4e-3a0f6a1d2c12',
  }
  const read = parseJsonBody(new TextEncoder().encode(JSON.stringify(resource))) as Resource
  return prepare({ validator, labelRules: rules }, read, named, { organization: sandboxOrganizations.gp })
}

const goal = {
  resourceType: 'Goal',
  lifecycleStatus: 'active',
  description: somatic,
  subject: { reference: 'Patient/citizen' },
} as const

const encounter: Encounter = {
  resourceType: 'Encounter',
  status: 'finished',
  class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'IMP' },
  subject: { reference: 'Patient/citizen' },
}

const expensive: readonly { readonly title: string; readonly resource: () => Resource }[] = [
  {
    title: 'many references to one large contained resource',
    resource: (): CarePlan => ({
      ...plan,
      goal: many(8_000, () => ({ reference: '#g' })),
      contained: [{ ...goal, id: 'g', description: { coding: many(6_000, () => somatic.coding[0] ?? {}) } }],
    }),
  },
  {
    title: 'a chain of contained resources, each pointed to',
    resource: (): CarePlan => ({
      ...plan,
      goal: many(2_000, (i) => ({ reference: `#g${i}` })),
      contained: many(2_000, (i) => ({
        ...goal,
        id: `g${i}`,
        extension: [{ url: 'urn:x', valueReference: { reference: `#g${(i + 1) % 2_000}` } }],
      })),
    }),
  },
  {
    title: 'many participants of sensitive units',
    resource: (): Encounter => ({
      ...encounter,
      participant: many(12_000, () => ({ individual: { display: 'Rusklinik' } })),
    }),
  },
  {
    title: 'a consent of many provisions',
    resource: (): Consent => ({
      ...(consent as Consent),
      provision: {
        ...(consent.provision as ConsentProvision),
        provision: many(4_000, () => ({ type: 'deny', purpose: consent.provision.purpose })),
      },
    }),
  },
  {
    title: 'one letter that stands for eighteen',
    resource: () => ({ ...plan, title: '\uFDFA'.repeat(640_000) }),
  },
]

describe('a body that was made to be expensive takes no longer than a large one', () => {
  for (const { title, resource } of expensive) {
    test(title, () => {
      expect(cpuSeconds(() => accept(resource()))).toBeLessThan(BOUND_S)
    })
  }

  test('a stay of many diagnoses in HL7 v2', () => {
    const head = sampleText('adt-a01.hl7')
      .split(/[\r\n]+/)
      .filter((line) => !line.startsWith('DG1'))
    const message = [...head, ...many(1_900, (i) => `DG1|${i}||DI109^^SKS-D`)].join('\r')
    expect(cpuSeconds(() => parseAdt(new TextEncoder().encode(message)))).toBeLessThan(BOUND_S)
  })

  test('a list of many diagnoses that each point to the patient', () => {
    const bundle = JSON.parse(sampleText('gp-condition-list.json')) as {
      entry: { resource: { resourceType: string; subject: unknown } }[]
    }
    const { subject } =
      bundle.entry.find(({ resource }) => resource.resourceType === 'Condition')?.resource ?? {}
    const more = many(5_000, (i) => ({
      resource: { resourceType: 'Condition', id: `c${i}`, subject, code: { text: 'x' } },
    }))
    const bytes = new TextEncoder().encode(JSON.stringify({ ...bundle, entry: [...bundle.entry, ...more] }))
    expect(cpuSeconds(() => parseConditionList(bytes))).toBeLessThan(BOUND_S)
  })
})

describe('a list longer than a call can take arguments is no fault of ours', () => {
  const texts = many(150_000, () => ({ text: 'x' }))

  test('of parts of a plan', () => {
    expect(label({ ...plan, note: texts }, rules, { custodianSensitivities: [] }).elements.length).toBe(
      150_001,
    )
  })

  test('of texts of one activity, which are withheld one by one', () => {
    const [activity] = plan.activity ?? []
    const { decision } = answerTo({ ...plan, activity: [{ ...activity, progress: texts }], description: 'x' })
    expect(decision.reason).toBe('permitted-in-part')
    expect(decision.withheld.length).toBe(150_001)
  })
})

describe('more than there is to say is refused before it is looked at', () => {
  const codeOf = (work: () => unknown): string | undefined => {
    try {
      work()
    } catch (error) {
      return error instanceof GatewayError ? error.code : undefined
    }
    return undefined
  }

  test('more than 50,000 values', () => {
    const read = (count: number) => () =>
      parseJsonBody(new TextEncoder().encode(JSON.stringify(many(count, () => 1))))
    expect(codeOf(read(49_998))).toBeUndefined()
    expect(codeOf(read(50_001))).toBe('body-too-large')
  })

  test('more than 2,000 segments', () => {
    const message = `${sampleText('adt-a01.hl7').trim()}\r${'ZZZ|1\r'.repeat(2_000)}`
    expect(codeOf(() => parseAdt(new TextEncoder().encode(message)))).toBe('body-too-large')
  })

  test('and no more than 100 faults are told of national ids', () => {
    const identifier = many(5_000, () => ({ system: 'urn:oid:1.2.208.176.1.2', value: '2509479989' }))
    try {
      accept({ ...plan, identifier })
      expect.unreachable()
    } catch (error) {
      expect(error instanceof GatewayError ? error.faults.length : error).toBe(100)
    }
  })
})
