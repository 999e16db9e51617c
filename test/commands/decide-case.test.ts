import { describe, expect, test } from 'vitest'
// oxlint-disable-next-line import/no-relative-parent-imports -- no folder imports the commands, so they have no name to be imported by
import { createCaseDecider } from '../../src/commands/decide-case.ts'
import { GatewayError } from '#fhir/gateway-error.ts'
import { mergePatch } from '#test/merge-patch.ts'
import {
  ACT_CODE,
  ACT_REASON,
  base,
  consent,
  CPR,
  depression,
  elmer,
  gp,
  plan,
  request,
  SOR,
} from './decide-case-base.ts'

const decide = createCaseDecider()

function answerTo(patch: object) {
  return decide(Buffer.from(JSON.stringify(mergePatch(base, patch))))
}

/** As the command prints them; an answer instead fails the test. */
function faultsOf(text: string | Uint8Array): readonly string[] {
  try {
    return [`answered ${JSON.stringify(decide(Buffer.from(text)))}`]
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    return error.faults.map((fault) => `${fault.expression ?? '$'}: ${fault.text}`)
  }
}

const PERMITTED = ['permit', 'permitted', 'Condition/c1 permit permitted']
const NOBODY = ['deny', 'recipient-not-covered', 'Condition/c1 deny recipient-not-covered']
const OPEN = ['deny', 'indeterminate', 'Condition/c1 deny indeterminate']
const STRANGER = ['deny', 'subject-mismatch', 'Condition/c1 deny subject-mismatch']
const UNSAFE = ['deny', 'identity-unsafe', 'Condition/c1 deny identity-unsafe']
const NONE = ['deny', 'no-consent', 'Condition/c1 deny no-consent']

function inShort(patch: object): readonly string[] {
  const { effect, reason, resources } = answerTo(patch)
  return [effect, reason, ...resources.map((each) => `${each.reference} ${each.effect} ${each.reason}`)]
}

function bundle(...resources: readonly object[]): object {
  return { resourceType: 'Bundle', type: 'collection', entry: resources.map((resource) => ({ resource })) }
}

const DUTY = { system: ACT_CODE, code: 'REDACT' }
const unitType = (code: string) => ({ system: 'https://sluse.example/fhir/CodeSystem/unit-type', code })
const purpose = (code: string) => ({ system: ACT_REASON, code })
const byNumber = { system: SOR, value: '999003000016003' }
const elmersNumber = { system: CPR, value: '2509479989' }
const role = {
  resourceType: 'PractitionerRole',
  id: 'doctor-at-gp',
  practitioner: { reference: 'Practitioner/doctor' },
  organization: { reference: 'Organization/gp' },
}

describe('what holds the resources', () => {
  test.each<[string, object, readonly string[]]>([
    ['lists', {}, PERMITTED],
    [
      'Bundles',
      { consents: bundle(consent), context: bundle(gp, elmer), resources: bundle(depression) },
      PERMITTED,
    ],
    ['a Bundle without entries', { consents: { resourceType: 'Bundle', type: 'collection' } }, NONE],
    ['an empty list of consents', { consents: [] }, NONE],
    ['one resource', { consents: consent, context: gp, resources: depression }, PERMITTED],
    ['an object by reference', { context: { 'Organization/gp': gp, 'Patient/elmer': elmer } }, PERMITTED],
    ['an object of lists', { context: { organizations: [gp], patients: [elmer] } }, PERMITTED],
    ['no context', { context: null }, PERMITTED],
    [
      'no context, and a consent that names somebody whom nobody can look up',
      { context: null, request: { recipient: [byNumber] } },
      OPEN,
    ],
    [
      'remarks and expectations beside them',
      { title: 'a case', clause: 'M6', expected: { effect: 'permit' } },
      PERMITTED,
    ],
    [
      'a resource without id, by its place',
      { resources: [depression, { ...depression, id: undefined }] },
      [...PERMITTED, 'resources[1] permit permitted'],
    ],
  ])('%s', (_, patch, want) => {
    expect(inShort(patch)).toEqual(want)
  })
})

describe('without resources the answer is of whatever there may be', () => {
  const { securityLabel: _labels, ...provision } = consent.provision
  const psychiatryAlone = [{ ...DUTY, params: { exceptAnyOfCodes: [{ system: ACT_CODE, code: 'PSY' }] } }]
  const basis = [{ consent: 'psychiatry', version: '3', provision: 'provision' }]

  test.each<[string, object, object]>([
    [
      'a permit by label: all else must be left out',
      {},
      { effect: 'permit', reason: 'permitted-on-conditions', basis, obligations: psychiatryAlone },
    ],
    [
      'a permit of everything',
      { consents: [{ ...consent, provision }] },
      { effect: 'permit', reason: 'permitted', basis, obligations: [] },
    ],
    [
      'a deny',
      { consents: [{ ...consent, provision: { ...provision, type: 'deny' } }] },
      { effect: 'deny', reason: 'denied', basis, obligations: [] },
    ],
    ['no consent', { consents: [] }, { effect: 'deny', reason: 'no-consent', basis: [], obligations: [] }],
    [
      'a citizen who cannot be matched',
      {
        request: { patient: { reference: null, system: 'https://sandkoebing.example/patient', value: '17' } },
      },
      { effect: 'deny', reason: 'identity-unsafe', basis: [], obligations: [] },
    ],
  ])('%s', (_, patch, want) => {
    expect(answerTo({ resources: [], ...patch })).toEqual({ ...want, resources: [] })
  })
})

describe('who asks for whom', () => {
  test.each<[string, object, readonly string[]]>([
    [
      'the citizen by identifier, that the context joins to the reference',
      { patient: { ...elmersNumber, reference: null } },
      PERMITTED,
    ],
    ['the citizen by a Reference with an identifier', { patient: { identifier: elmersNumber } }, PERMITTED],
    [
      'the citizen by a number with a hyphen',
      { patient: { reference: null, system: CPR, value: '250947-9989' } },
      PERMITTED,
    ],
    ['another citizen', { patient: { reference: 'Patient/berggren' } }, STRANGER],
    [
      'a citizen by a local number',
      { patient: { reference: null, system: 'https://sandkoebing.example/patient', value: '17' } },
      STRANGER,
    ],
    ['the recipient by identifier', { recipient: [byNumber] }, PERMITTED],
    [
      'the recipient by a Reference with an identifier',
      { recipient: [{ identifier: byNumber, display: 'the GP' }] },
      PERMITTED,
    ],
    ['one recipient that is no list', { recipient: byNumber }, PERMITTED],
    [
      'the recipient by several names',
      { recipient: [{ reference: 'Organization/elsewhere' }, { reference: 'Organization/gp' }] },
      PERMITTED,
    ],
    [
      'the recipient in one version of its registration',
      { recipient: [{ reference: 'Organization/gp/_history/2' }] },
      PERMITTED,
    ],
    ['another recipient', { recipient: [{ reference: 'Organization/elsewhere' }] }, NOBODY],
    ['one purpose that is no list', { purposeOfUse: 'TREAT' }, PERMITTED],
    ['a purpose as Coding', { purposeOfUse: [purpose('TREAT')] }, PERMITTED],
    [
      'a purpose as Coding by its STU3 name',
      { purposeOfUse: [{ system: 'http://hl7.org/fhir/v3/ActReason', code: 'TREAT' }] },
      PERMITTED,
    ],
    ['a purpose as CodeableConcept', { purposeOfUse: [{ coding: [purpose('COC')] }] }, PERMITTED],
    ['a purpose below the one permitted', { purposeOfUse: ['COC'] }, PERMITTED],
    [
      'several purposes, of which one is not permitted',
      { purposeOfUse: ['TREAT', 'HRESCH'] },
      ['deny', 'purpose-not-covered', 'Condition/c1 deny purpose-not-covered'],
    ],
    [
      'an action as Coding',
      { action: { system: 'http://terminology.hl7.org/CodeSystem/consentaction', code: 'access' } },
      PERMITTED,
    ],
    ['no action', { action: null }, PERMITTED],
    ['an instant in UTC, in Norway', { at: '2026-11-21T09:00:00.000Z', timeZone: 'Europe/Oslo' }, PERMITTED],
    [
      'the custodian asks for its own',
      { custodian: [{ reference: 'Organization/gp' }] },
      ['permit', 'own-record', 'Condition/c1 permit own-record'],
    ],
  ])('%s', (_, change, want) => {
    expect(inShort({ request: change })).toEqual(want)
  })

  test('without an action, the one that is asked about is `disclose`', () => {
    const disclosing = (code: string) => ({
      consents: [
        mergePatch(consent, {
          provision: {
            action: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentaction', code }] }],
          },
        }),
      ],
      request: { action: null },
    })
    expect(inShort(disclosing('disclose'))).toEqual(PERMITTED)
    expect(inShort(disclosing('use'))).toEqual([
      'deny',
      'action-not-covered',
      'Condition/c1 deny action-not-covered',
    ])
  })
})

describe('what the context joins', () => {
  const unit = { resourceType: 'Organization', id: 'ward', partOf: { reference: 'Organization/gp' } }
  const other = { resourceType: 'Organization', id: 'elsewhere', name: 'Somewhere else' }

  test.each<[string, object, readonly string[]]>([
    [
      'a unit of the permitted organisation',
      { context: [gp, elmer, unit], request: { recipient: [{ reference: 'Organization/ward' }] } },
      PERMITTED,
    ],
    [
      "a unit by an entry's fullUrl",
      {
        context: {
          resourceType: 'Bundle',
          type: 'collection',
          entry: [
            { fullUrl: 'urn:uuid:7e8d3bd6-1d0f-4f7a-9c52-2e7b6a3c1d11', resource: gp },
            { resource: elmer },
          ],
        },
        request: { recipient: [{ reference: 'urn:uuid:7e8d3bd6-1d0f-4f7a-9c52-2e7b6a3c1d11' }] },
      },
      PERMITTED,
    ],
    [
      'a loop of organisations',
      {
        context: [{ ...gp, partOf: { reference: 'Organization/ward' } }, elmer, unit],
        request: { recipient: [{ reference: 'Organization/ward' }] },
      },
      PERMITTED,
    ],
    [
      'a person in a role at the permitted organisation',
      {
        context: [gp, elmer, role],
        request: { recipient: [{ reference: 'PractitionerRole/doctor-at-gp' }] },
      },
      PERMITTED,
    ],
    [
      'another organisation that is known',
      { context: [gp, elmer, other], request: { recipient: [{ reference: 'Organization/elsewhere' }] } },
      NOBODY,
    ],
    [
      'a second record of the same citizen',
      {
        context: [gp, elmer, { ...elmer, id: 'elmer-at-gp' }],
        request: { patient: { reference: 'Patient/elmer-at-gp' } },
      },
      PERMITTED,
    ],
    [
      'a citizen known by a regional number alone',
      {
        context: [
          gp,
          { ...elmer, identifier: [{ system: 'urn:oid:1.2.208.176.1.6.1.3.181', value: '2509470AB1' }] },
        ],
      },
      UNSAFE,
    ],
    [
      'a citizen known by a local number alone',
      {
        context: [
          gp,
          { ...elmer, identifier: [{ system: 'https://sandkoebing.example/patient', value: '17' }] },
        ],
      },
      UNSAFE,
    ],
    [
      'a citizen known by an H-number alone',
      {
        context: [
          gp,
          { ...elmer, identifier: [{ system: 'urn:oid:2.16.578.1.12.4.1.4.1', value: '15436900216' }] },
        ],
      },
      UNSAFE,
    ],
    [
      'a citizen with a local number beside the national one',
      {
        context: [
          gp,
          {
            ...elmer,
            identifier: [...elmer.identifier, { system: 'https://sandkoebing.example/patient', value: '17' }],
          },
        ],
      },
      PERMITTED,
    ],
    [
      "a citizen's record that another replaced",
      { context: [gp, { ...elmer, link: [{ other: { reference: 'Patient/new' }, type: 'replaced-by' }] }] },
      UNSAFE,
    ],
    [
      'records of one citizen that disagree on the birth date',
      {
        context: [
          gp,
          { ...elmer, birthDate: '1947-09-25' },
          { ...elmer, id: 'twin', birthDate: '2012-09-25' },
        ],
      },
      UNSAFE,
    ],
    [
      'a citizen in anonymous treatment',
      {
        context: [
          gp,
          {
            ...elmer,
            meta: {
              security: [
                { system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'ANONYED' },
              ],
            },
          },
        ],
      },
      ['deny', 'anonymous-treatment', 'Condition/c1 deny anonymous-treatment'],
    ],
    [
      'two resources of one id, asked for beside each other',
      { resources: [depression, { ...depression, recordedDate: '2026-01-01' }] },
      [...PERMITTED, 'Condition/c1 permit permitted'],
    ],
  ])('%s', (_, patch, want) => {
    expect(inShort(patch)).toEqual(want)
  })
})

describe('what is decided, and no fault of the file', () => {
  const provision = (change: object) => ({ consents: [mergePatch(consent, { provision: change })] })
  const DEFECTIVE = ['deny', 'consent-defective', 'Condition/c1 deny consent-defective']

  test.each<[string, object, readonly string[]]>([
    ['a consent without a policy', { consents: [{ ...consent, policyRule: undefined }] }, DEFECTIVE],
    [
      'a consent without a status',
      { consents: [{ ...consent, status: undefined }] },
      ['deny', 'consent-not-active', 'Condition/c1 deny consent-not-active'],
    ],
    ['a consent about nobody', { consents: [{ ...consent, patient: undefined }] }, NONE],
    [
      'a consent with its scope among the categories',
      { consents: [{ ...consent, scope: undefined, category: [consent.scope] }] },
      PERMITTED,
    ],
    ['a period that nobody can read', provision({ period: { end: 'some day' } }), DEFECTIVE],
    [
      'a period that ends before it starts',
      provision({ period: { start: '2027-01-01', end: '2026-01-01' } }),
      DEFECTIVE,
    ],
    [
      'an actor without a role',
      provision({ actor: [{ reference: { reference: 'Organization/gp' } }] }),
      PERMITTED,
    ],
    [
      'a provision without its type',
      { consents: [mergePatch(consent, { provision: { provision: [{}] } })] },
      DEFECTIVE,
    ],
    [
      'a type of R4 that the gateway does not exchange',
      {
        resources: [
          { resourceType: 'DiagnosticReport', id: 'x', subject: depression.subject, code: depression.code },
        ],
      },
      ['permit', 'permitted', 'DiagnosticReport/x permit permitted'],
    ],
    ['a resource about nobody', { resources: [{ ...depression, subject: undefined }] }, STRANGER],
  ])('%s', (_, patch, want) => {
    // An object without content is no FHIR: the provision without type has a purpose of its own.
    const filled = JSON.parse(
      JSON.stringify(patch).replace(
        '"provision":[{}]',
        `"provision":[{"purpose":[${JSON.stringify(purpose('TREAT'))}]}]`,
      ),
    ) as object
    expect(inShort(filled)).toEqual(want)
  })
})

describe('what is refused, each fault in one line with its place', () => {
  const inBase = (patch: object) => JSON.stringify(mergePatch(base, patch))
  const asked = (change: object) => inBase({ request: change })
  const ofConsent = (change: object) => inBase({ consents: [mergePatch(consent, change)] })
  const ofPlan = (change: object) => inBase({ resources: [mergePatch(plan, change)] })

  test.each<[string, string, readonly string[]]>([
    ['an empty file', '', ['$: the body is empty: send one JSON document']],
    [
      'a file that is no JSON',
      '{"consents": [',
      ['$: a syntax error in the JSON at line 1, column 15: correct it and send again'],
    ],
    [
      'a key twice',
      '{"request": 1, "request": 2}',
      ['$: a repeated key in the JSON at line 1, column 16: correct it and send again'],
    ],
    ['a list', '[]', ['$: found a list of 0; send one object with `consents`, `resources` and `request`']],
    [
      'nothing in it',
      '{}',
      [
        'consents: found nothing; send a list of FHIR resources, or a Bundle',
        'resources: found nothing; send a list of FHIR resources, or a Bundle',
        'request: found nothing; send an object with `patient`, `recipient`, `purposeOfUse`, `at`',
      ],
    ],
    [
      'a misspelt member',
      inBase({ context: null, contexts: [] }),
      [
        'contexts: found a member that is none of `consents`, `context`, `resources`, `request`; correct its name or remove it',
      ],
    ],
    [
      'a misspelt member of the request',
      asked({ custodain: [{ reference: 'Organization/gp' }] }),
      [
        'request: found `custodain`, which has no meaning here; known are `patient`, `recipient`, `custodian`, `purposeOfUse`, `action`, `at`, `timeZone`',
      ],
    ],
    [
      'a request without its parts',
      inBase({
        request: {
          patient: null,
          recipient: null,
          purposeOfUse: null,
          action: null,
          at: null,
          timeZone: null,
        },
      }),
      [
        'request.patient: found nothing; send a Reference or an Identifier',
        'request.recipient: found nothing; send a Reference or an Identifier',
        'request.purposeOfUse: found nothing; send a code of v3-ActReason, such as `TREAT`',
        'request.timeZone: found nothing; send an IANA time zone, such as `Europe/Copenhagen`',
        'request.at: found nothing; send an instant with its offset, such as `2026-11-21T10:00:00+01:00`',
      ],
    ],
    [
      'a citizen as text',
      asked({ patient: 'Patient/elmer' }),
      ['request.patient: found a string of 13 characters; send a Reference or an Identifier'],
    ],
    [
      'a citizen without a name',
      asked({ patient: { reference: null, display: 'Elmer' } }),
      ['request.patient: found neither `reference` nor `identifier`; send one of them'],
    ],
    [
      'a number without its system',
      asked({ patient: { reference: null, value: '2509479989' } }),
      ['request.patient.system: found nothing; send a string'],
    ],
    [
      'a recipient with an empty number',
      asked({ recipient: [{ identifier: { system: SOR, value: ' ' } }] }),
      ['request.recipient[0].identifier.value: found a string of 1 characters; send a string'],
    ],
    [
      'a recipient with a number that is none',
      asked({ recipient: [{ system: SOR, value: 999003 }] }),
      ['request.recipient[0].value: found a value of type number; send a string'],
    ],
    [
      'a recipient with a misspelt name',
      asked({ recipient: [{ reference: 'Organization/gp', identifer: byNumber }] }),
      [
        'request.recipient[0]: found `identifer`, which has no meaning here; known are `reference`, `type`, `identifier`, `display`, `id`, `extension`',
      ],
    ],
    [
      'no recipient in the list',
      asked({ recipient: [] }),
      ['request.recipient: found a list of 0; send at least one Reference or Identifier'],
    ],
    [
      'a reference to something contained',
      asked({ recipient: [{ reference: '#gp' }] }),
      [
        'request.recipient[0].reference: found a reference of no known form; send `Type/id` or an absolute URL',
      ],
    ],
    [
      'a custodian that is none',
      asked({ custodian: 17 }),
      ['request.custodian: found a value of type number; send a Reference or an Identifier'],
    ],
    [
      'no purpose in the list',
      asked({ purposeOfUse: [] }),
      ['request.purposeOfUse: found a list of 0; send at least one code of v3-ActReason, such as `TREAT`'],
    ],
    [
      'a misspelt purpose',
      asked({ purposeOfUse: ['treat'] }),
      ['request.purposeOfUse[0]: found `treat`; send a purpose of use of v3-ActReason, such as `TREAT`'],
    ],
    [
      'a purpose of another system',
      asked({ purposeOfUse: [{ system: 'https://sandkoebing.example/purpose', code: 'TREAT' }] }),
      ['request.purposeOfUse[0].system: found another system; send a purpose of use of v3-ActReason'],
    ],
    [
      'a purpose without its code',
      asked({ purposeOfUse: [{ system: ACT_REASON }] }),
      ['request.purposeOfUse[0].code: found nothing; send a code of v3-ActReason, such as `TREAT`'],
    ],
    [
      'an unknown action',
      asked({ action: 'read' }),
      ['request.action: found `read`; send one of `disclose`, `access`, `use`, `collect`, `correct`'],
    ],
    [
      'an instant without its offset',
      asked({ at: '2026-11-21T10:00:00' }),
      [
        'request.at: found a string of 19 characters; send an instant with its offset, such as `2026-11-21T10:00:00+01:00`',
      ],
    ],
    [
      'a day that no calendar has',
      asked({ at: '2026-02-30T10:00:00Z' }),
      [
        'request.at: found a string of 20 characters; send an instant with its offset, such as `2026-11-21T10:00:00+01:00`',
      ],
    ],
    [
      'a time zone that is none',
      asked({ timeZone: 'Europe/Sandkøbing' }),
      [
        'request.timeZone: found a string of 17 characters; send an IANA time zone, such as `Europe/Copenhagen`',
      ],
    ],
    [
      'something else among the consents',
      inBase({ consents: [elmer] }),
      ['consents[0].resourceType: found `Patient`; send `Consent` here, and what it refers to in `context`'],
    ],
    [
      'two versions of a consent',
      inBase({ consents: [consent, mergePatch(consent, { meta: { versionId: '2' }, status: 'inactive' })] }),
      ['consents[1].id: found two versions of one consent; send the one that is in force'],
    ],
    [
      'two resources of one name in the context',
      inBase({ context: [gp, { ...gp, name: 'Another' }] }),
      ['context[1]: found a second resource of this name; send one'],
    ],
    [
      'a resource that is text',
      inBase({ resources: ['CarePlan'] }),
      ['resources[0]: found a string of 8 characters; send a FHIR resource'],
    ],
    [
      'a resource without its type',
      inBase({ resources: [{ id: 'x' }] }),
      ['resources[0].resourceType: found nothing; send the type of an R4 resource'],
    ],
    [
      'a resource of no type of R4',
      inBase({ resources: [{ resourceType: 'Careplan' }] }),
      ['resources[0].resourceType: found `Careplan`; send the type of an R4 resource'],
    ],
    [
      'a resource with a number as its id',
      inBase({ resources: [{ ...depression, id: 17 }] }),
      ['resources[0].id: found a value of type number; send a string'],
    ],
    [
      'an entry of a Bundle that is none',
      inBase({ resources: { resourceType: 'Bundle', entry: [{}] } }),
      ['resources.entry[0].resource: found nothing; send a FHIR resource'],
    ],
    [
      'entries that are none',
      inBase({ resources: { resourceType: 'Bundle', entry: {} } }),
      ['resources.entry: found a value of type object; send a list of entries'],
    ],
    [
      'a context that is text',
      inBase({ context: 'Organization/gp' }),
      ['context: found a string of 15 characters; send a list of FHIR resources, or a Bundle'],
    ],
    [
      'a key of the context with a national id',
      inBase({ context: { 'Patient/2509479989': 17 } }),
      ['context["…"]: found a value of type number; send a FHIR resource'],
    ],
    [
      'a consent with another type of value',
      ofConsent({ status: 1 }),
      ['consents[0].status: found a value of type number; send a string'],
    ],
    [
      'a consent with an unknown status',
      ofConsent({ status: 'aktiv' }),
      [
        'consents[0].status: found `aktiv`; send one of `active`, `draft`, `entered-in-error`, `inactive`, `proposed`, `rejected`',
      ],
    ],
    [
      'a consent with a misspelt element',
      ofConsent({ provison: {} }),
      ['consents[0].provison: found `provison`, which Consent does not have in FHIR R4; remove it'],
    ],
    [
      'a provision that is a list',
      inBase({ consents: [{ ...consent, provision: [consent.provision] }] }),
      ['consents[0].provision: found a list of 1; send an object'],
    ],
    [
      'a period with another type of value',
      ofConsent({ provision: { period: { end: 2027 } } }),
      ['consents[0].provision.period.end: found a value of type number; send a string'],
    ],
    [
      'a resource with another type of value',
      ofPlan({ activity: 'therapy' }),
      ['resources[0].activity: found a string of 7 characters; send a list'],
    ],
    [
      'a resource with an unknown code',
      ofPlan({ status: 'running' }),
      [
        'resources[0].status: found `running`; send one of `active`, `completed`, `draft`, `entered-in-error`, `on-hold`, `revoked`, `unknown`',
      ],
    ],
    [
      'a resource of the context with another type of value',
      inBase({ context: [{ ...gp, partOf: 'Organization/group' }] }),
      ['context[0].partOf: found a string of 18 characters; send an object'],
    ],
    [
      'faults in several places',
      inBase({ consents: [17], request: { at: null } }),
      [
        'consents[0]: found a value of type number; send a FHIR resource',
        'request.at: found nothing; send an instant with its offset, such as `2026-11-21T10:00:00+01:00`',
      ],
    ],
  ])('%s', (_, text, lines) => {
    expect(faultsOf(text)).toEqual(lines)
  })

  test('bytes that are not UTF-8', () => {
    expect(faultsOf(Uint8Array.of(0xff, 0xfe))).toEqual(['$: the body is not UTF-8: send JSON in UTF-8'])
  })
})

describe('the answer', () => {
  test('has the members of the contract and no other, with what would be released', () => {
    const answer = answerTo({ resources: [plan] })
    expect(answer).toEqual({
      effect: 'permit',
      reason: 'permitted-in-part',
      basis: [{ consent: 'psychiatry', version: '3', provision: 'provision' }],
      obligations: ['NORDSCLCD', 'PERSISTLABEL', 'REDACT'].map((code) => ({
        system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode',
        code,
      })),
      resources: [
        {
          reference: 'CarePlan/plan',
          effect: 'redact',
          reason: 'permitted-in-part',
          withheld: ['CarePlan.activity[1]'],
          resource: expect.objectContaining({
            resourceType: 'CarePlan',
            activity: [plan.activity[0]],
          }) as object,
        },
      ],
    })
    expect(JSON.stringify(answer)).not.toMatch(/F10|SUD/)
  })

  test('has no resource where it is denied', () => {
    expect(answerTo({ consents: [] })).toEqual({
      effect: 'deny',
      reason: 'no-consent',
      basis: [],
      obligations: [],
      resources: [{ reference: 'Condition/c1', effect: 'deny', reason: 'no-consent', withheld: [] }],
    })
  })

  test('of several: what is denied stays out of what is released', () => {
    const alcohol = {
      ...depression,
      id: 'c2',
      code: { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10', code: 'F10.2' }] },
    }
    expect(inShort({ resources: [depression, alcohol] })).toEqual([
      'permit',
      'permitted-in-part',
      'Condition/c1 permit permitted',
      'Condition/c2 deny label-not-covered',
    ])
  })

  test('names a consent without id by its place', () => {
    const { id: _id, meta: _meta, ...unnamed } = consent
    expect(answerTo({ consents: [unnamed] }).basis).toEqual([
      { consent: 'consents[0]', version: '1', provision: 'provision' },
    ])
  })

  test('is the same whatever the order of consents, context and resources', () => {
    const other = mergePatch(consent, { id: 'other', provision: { purpose: [purpose('HRESCH')] } })
    const [one, two] = [
      [consent, other],
      [other, consent],
    ].map((consents) => answerTo({ consents, context: [elmer, gp] }))
    expect(one).toEqual(two)
    const forwards = answerTo({ resources: [plan, depression] })
    const backwards = answerTo({ resources: [depression, plan] })
    expect({ ...backwards, resources: [...backwards.resources].reverse() }).toEqual(forwards)
  })

  test('says why in sentences when it is asked to', () => {
    const bytes = Buffer.from(JSON.stringify(mergePatch(base, { consents: [] })))
    const { because, resources } = decide(bytes, { language: 'da', audience: 'citizen' })
    expect(because).toBe('Du har ikke givet samtykke til, at oplysningerne deles.')
    expect(resources[0]?.because).toBe(because)
  })

  test('an instant decides: before, at and after the end of a consent', () => {
    const until = {
      consents: [mergePatch(consent, { provision: { period: { end: '2026-11-21T10:00:00+01:00' } } })],
    }
    const at = (instant: string) => inShort({ ...until, request: { at: instant } })[0]
    expect(at('2026-11-21T09:59:59+01:00')).toBe('permit')
    expect(at(request.at)).toBe('permit')
    expect(at('2026-11-21T10:00:01+01:00')).toBe('deny')
  })
})

describe('what is asked for together leaves no trace of what is denied', () => {
  const alcohol = {
    ...depression,
    id: 'c2',
    code: { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10', code: 'F10.2' }] },
  }
  const visit = {
    resourceType: 'Encounter',
    id: 'visit',
    status: 'finished',
    class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
    subject: { reference: 'Patient/elmer' },
    reasonCode: [{ coding: [{ system: 'http://hl7.org/fhir/sid/icd-10', code: 'F32.1' }] }],
    diagnosis: [{ condition: { reference: 'Condition/c1' } }, { condition: { reference: 'Condition/c2' } }],
  }
  const list = {
    resourceType: 'List',
    id: 'problems',
    status: 'current',
    mode: 'working',
    subject: { reference: 'Patient/elmer' },
    entry: [{ item: { reference: 'Condition/c2' } }, { item: { reference: 'Condition/c1' } }],
  }
  const asked = [list, visit, alcohol, depression]

  test.each([
    ['in this order', asked],
    ['in the other', asked.toReversed()],
    ['as a Bundle among others', [bundle(list, visit), alcohol, depression]],
  ])('an element, and an entry of a list, %s', (_, resources) => {
    const answer = answerTo({ resources })
    expect(answer.resources.map(({ reference, effect }) => `${reference} ${effect}`).toSorted()).toEqual([
      'Condition/c1 permit',
      'Condition/c2 deny',
      'Encounter/visit redact',
      'List/problems redact',
    ])
    const byReference = new Map(answer.resources.map((each) => [each.reference, each]))
    expect(byReference.get('List/problems')).toMatchObject({
      withheld: ['List.entry[0]'],
      resource: {
        entry: [{ item: { reference: 'Condition/c1' } }],
        meta: { tag: [{ code: 'SUBSETTED' }] },
      },
    })
    expect(byReference.get('Encounter/visit')).toMatchObject({
      withheld: ['Encounter.diagnosis[1]'],
      resource: { diagnosis: [{ condition: { reference: 'Condition/c1' } }] },
    })
    expect(JSON.stringify(answer.resources.map(({ resource }) => resource))).not.toMatch(/alcohol|F10|SUD/)
  })

  test('nor a reference by the fullUrl of an entry', () => {
    const urls = [
      'urn:uuid:7e8d3bd6-1d0f-4f7a-9c52-2e7b6a3c1d11',
      'urn:uuid:0c8f5a2b-7d11-4e53-9a7e-3f0c5b1e6a0e',
    ]
    const diagnosis = urls.map((reference) => ({ condition: { reference } }))
    // Denied by its id alone: no label tells it from the other.
    const data = [{ meaning: 'instance', reference: { reference: 'Condition/c2' } }]
    const consents = [mergePatch(consent, { provision: { provision: [{ type: 'deny', data }] } })]
    const entry = [
      { resource: { ...visit, diagnosis } },
      { fullUrl: urls[0], resource: depression },
      { fullUrl: urls[1], resource: { ...depression, id: 'c2' } },
    ]
    const answer = answerTo({ consents, resources: { resourceType: 'Bundle', type: 'collection', entry } })
    expect(answer.resources.map(({ reference, effect, withheld }) => [reference, effect, withheld])).toEqual([
      ['Encounter/visit', 'redact', ['Encounter.diagnosis[1]']],
      ['Condition/c1', 'permit', []],
      ['Condition/c2', 'deny', []],
    ])
    expect(JSON.stringify(answer)).not.toContain(urls[1])
  })

  test('a list of nothing else is denied', () => {
    const only = { ...list, entry: [list.entry[0]] }
    expect(inShort({ resources: [alcohol, only] })).toEqual([
      'deny',
      'reference-withheld',
      'Condition/c2 deny label-not-covered',
      'List/problems deny reference-withheld',
    ])
  })
})

describe('with a custodian, its law applies', () => {
  const hospital = {
    resourceType: 'Organization',
    id: 'hospital',
    identifier: [{ system: SOR, value: '999001000016001' }],
    type: [{ coding: [unitType('hospital-psychiatry')] }],
  }
  const written = {
    ...consent,
    sourceAttachment: {
      contentType: 'application/pdf',
      hash: 'c2x1c2UtdGVzdC1oYXNo',
      creation: '2026-10-01',
    },
  }
  const held = (receiver: object, change: object = {}) =>
    mergePatch(
      {
        consents: [written],
        context: [hospital, elmer, { ...gp, ...receiver }],
        request: { custodian: [{ reference: 'Organization/hospital' }] },
      },
      change,
    ) as object
  const STOPPED = ['deny', 'unit-type-unknown', 'Condition/c1 deny unit-type-unknown']
  const drugTreatment = { type: [{ coding: [unitType('municipal-drug-treatment')] }] }

  test.each<[string, object, readonly string[]]>([
    ['a receiver of unknown type gets nothing', held({}), STOPPED],
    [
      'nor does one that no custodian of a known country asks about',
      held({}, { context: [gp, elmer] }),
      PERMITTED,
    ],
    ['a GP by its type', held({ type: [{ coding: [unitType('gp')] }] }), PERMITTED],
    [
      'a GP by its provider number',
      held({ identifier: [{ system: 'urn:oid:1.2.208.176.1.4', value: '999003' }] }),
      PERMITTED,
    ],
    [
      'a doctor of a GP',
      held(
        { type: [{ coding: [unitType('gp')] }] },
        {
          context: [hospital, elmer, role, { ...gp, type: [{ coding: [unitType('gp')] }] }],
          request: { recipient: [{ reference: 'PractitionerRole/doctor-at-gp' }] },
        },
      ),
      PERMITTED,
    ],
    ['drug treatment on a written consent', held(drugTreatment), PERMITTED],
    [
      'drug treatment on a consent without evidence',
      held(drugTreatment, { consents: [consent] }),
      ['deny', 'form-not-written', 'Condition/c1 deny form-not-written'],
    ],
    [
      'drug treatment on a consent of more than a year',
      held(drugTreatment, { consents: [{ ...written, dateTime: '2025-11-20' }] }),
      ['deny', 'consent-lapsed', 'Condition/c1 deny consent-lapsed'],
    ],
    [
      'a citizen who was 14 when consenting, by the number',
      held(
        { type: [{ coding: [unitType('gp')] }] },
        {
          context: [
            hospital,
            { ...elmer, birthDate: '2011-10-02' },
            { ...gp, type: [{ coding: [unitType('gp')] }] },
          ],
        },
      ),
      ['deny', 'performer-too-young', 'Condition/c1 deny performer-too-young'],
    ],
    [
      'a citizen who was 15',
      held(
        { type: [{ coding: [unitType('gp')] }] },
        {
          context: [
            hospital,
            { ...elmer, birthDate: '2011-10-01' },
            { ...gp, type: [{ coding: [unitType('gp')] }] },
          ],
        },
      ),
      PERMITTED,
    ],
  ])('%s', (_, patch, want) => {
    expect(inShort(patch)).toEqual(want)
  })

  test('what its psychiatry holds is psychiatric, without any code', () => {
    const plain = {
      ...depression,
      code: { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10', code: 'J18.9' }] },
    }
    const bare = mergePatch(written, {
      provision: {
        securityLabel: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'N' }],
      },
    }) as object
    const asking = (change: object) =>
      inShort(
        held({ type: [{ coding: [unitType('gp')] }] }, { resources: [plain], consents: [bare], ...change }),
      )[1]
    expect(asking({})).toBe('label-not-covered')
    expect(asking({ request: {} })).toBe('label-not-covered')
    expect(inShort({ resources: [plain], consents: [bare] })[1]).toBe('permitted')
  })

  test('one of two countries is refused', () => {
    const both = { ...hospital, address: [{ country: 'NO' }] }
    expect(faultsOf(JSON.stringify(mergePatch(base, held({}, { context: [both, elmer, gp] }))))).toEqual([
      'request.custodian: found numbers or addresses of two countries, so that no law is known to apply; correct its Organization in `context`',
    ])
  })
})
