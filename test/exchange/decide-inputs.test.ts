/** O5: the hash of the inputs of a `$decide` pins its answer. */
import { randomUUID } from 'node:crypto'
import type { Condition, Consent } from '@medplum/fhirtypes'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readLabelRules } from '#assets/codes.ts'
import { readLaw } from '#assets/law.ts'
import { inputsHash } from '#audit/inputs-hash.ts'
import { compileConsent } from '#consent/decide.ts'
import { decideHeld, inputsOf, questionOf } from '#exchange/decide-held.ts'
import type { DecideInputs, Held } from '#exchange/decide-inputs.ts'
import { partyOf } from '#exchange/party.ts'
import { label } from '#label/label.ts'
import { sandboxOrganizations } from '#sandbox/identities.ts'
import type { Organization } from '#store/organizations.ts'
import { sampleConsent } from '#test/fhir-samples.ts'

const ROOT = new URL('../../', import.meta.url)
const rules = readLabelRules(ROOT)
const law = readLaw(ROOT, [])
const { hospital, gp, municipality } = sandboxOrganizations
const registry: ReadonlyMap<string, Organization> = new Map(
  [hospital, gp, municipality].map((one) => [one.id, one]),
)
const subjectId = randomUUID()

function heldOf(code: string): Held {
  const id = randomUUID()
  const content: Condition = {
    resourceType: 'Condition',
    id,
    subject: { reference: `Patient/${subjectId}` },
    code: { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10', code }] },
  }
  const labels = label(content, rules, { custodianSensitivities: [] })
  const version = {
    subjectId,
    resourceType: 'Condition',
    id,
    versionId: randomUUID(),
    custodian: hospital.id,
    lastUpdated: new Date(0),
    content,
    labels,
  }
  return { version, resource: content, labels }
}

const records = ['F32.1', 'F10.2', 'J18.9'].map(heldOf)
function ofConditions(labels: readonly string[]): Consent {
  const { provision, ...consent } = sampleConsent(gp.identifiers[2], labels)
  const patient = { reference: `Patient/${subjectId}` }
  const type = [{ system: 'http://hl7.org/fhir/resource-types', code: 'Condition' }]
  return { ...consent, patient, dateTime: '2026-01-01', provision: { ...provision, class: type } }
}

const consents = [['PSY'], ['SUD'], ['PSY', 'SUD']].map((labels, index) =>
  compileConsent({
    id: `consent-${index}`,
    versionId: '1',
    recordedBy: `Organization/${hospital.id}`,
    consent: ofConditions(labels),
  }),
)

const someInputs = fc
  .record({
    held: fc.shuffledSubarray(records, { minLength: 1 }),
    consents: fc.shuffledSubarray(consents),
    recipient: fc.constantFrom({ id: gp.id }, { id: municipality.id }),
    purposeOfUse: fc.constantFrom(['TREAT'], ['HRESCH'], ['HRESCH', 'TREAT']),
    now: fc.constantFrom('2025-12-31T22:00:00Z', '2026-06-01T10:00:00Z').map((instant) => new Date(instant)),
    ruleSetVersion: fc.constantFrom(rules.version, 'another'),
  })
  .map(({ held, consents: heard, ruleSetVersion, ...request }) => {
    const inputs: DecideInputs = {
      held,
      consents: heard,
      ruleSetVersion,
      registry,
      parties: [...registry.values()].map(partyOf),
      resources: new Map(),
      heldBy: new Map(),
      versions: held.map(({ version }) => `${version.id} ${version.versionId}`).sort(),
      recordedBy: new Map(),
    }
    const asked = {
      ...request,
      action: 'disclose' as const,
      subjectId,
      nationalIds: [],
      custodianId: hospital.id,
    }
    const question = questionOf(law, asked, inputs)
    const decisions = decideHeld(question, request.purposeOfUse, inputs)
      .map(({ version, decision }) => ({ id: version.id, decision }))
      .sort((a, b) => (a.id < b.id ? -1 : 1))
    const hash = inputsHash(
      inputsOf(question, { purposeOfUse: request.purposeOfUse, draft: undefined }, inputs, law.version),
    )
    return { hash, decisions }
  })

describe('the hash of the inputs', () => {
  test('O5: the same hash is the same decision, and another decision has another hash', () => {
    const known = new Map<string, object>()
    let again = 0
    let permits = 0
    fc.assert(
      fc.property(someInputs, ({ hash, decisions }) => {
        const before = known.get(hash)
        if (before) again += 1
        if (before) expect(decisions).toEqual(before)
        if (decisions.some(({ decision }) => decision.effect === 'permit')) permits += 1
        known.set(hash, decisions)
      }),
      { numRuns: 1_000 },
    )
    // Neither always the same nor never, or nothing was shown.
    expect([again > 50, permits > 10, known.size > 50]).toEqual([true, true, true])
  })

  test('does not depend on the order of what is hashed', () => {
    expect(inputsHash({ a: 1, b: [2] })).toBe(inputsHash({ b: [2], a: 1 }))
    expect(inputsHash({ a: 1 })).not.toBe(inputsHash({ a: 2 }))
  })
})
