/**
 * Whether the codes of a consent that permits are ones that a decision can read. A misspelt one opens nothing and closes
 * nothing, while whoever sent it thinks that it does. https://hl7.org/fhir/R4/consent-definitions.html#Consent.provision
 */
import type { Coding, Consent, ConsentProvision } from '@medplum/fhirtypes'
import { RESOURCE_TYPE_SYSTEM } from '#consent/class-match.ts'
import { isPurposeOfUse } from '#consent/purpose-of-use.ts'
import { resourceTypes } from '#consent/resource-types.ts'
import { describeCode, type Fault } from '#fhir/gateway-error.ts'
import {
  ACT_CODE_SYSTEM,
  ACT_REASON_SYSTEM,
  CONFIDENTIALITY_SYSTEM,
  normalizeSystem,
} from '#label/code-system.ts'
import { confidentialities, isConfidentiality } from '#label/label-record.ts'
import { isSensitivity } from '#label/sensitivity.ts'

const ACTION_SYSTEM = 'http://terminology.hl7.org/CodeSystem/consentaction'
const ACTIONS: readonly string[] = ['disclose', 'access', 'use', 'collect', 'correct']

interface KnownSystem {
  readonly has: (code: string) => boolean
  /** What to send in place of what was found. */
  readonly send: string
}

const knownSystems: ReadonlyMap<string, KnownSystem> = new Map([
  [ACT_REASON_SYSTEM, { has: isPurposeOfUse, send: 'a purpose of use of v3-ActReason, such as `TREAT`' }],
  [ACTION_SYSTEM, { has: (code: string) => ACTIONS.includes(code), send: quoted(ACTIONS) }],
  [
    RESOURCE_TYPE_SYSTEM,
    { has: (code: string) => resourceTypes.has(code), send: 'a resource type, such as `CarePlan`' },
  ],
  [ACT_CODE_SYSTEM, { has: isSensitivity, send: 'a sensitivity of v3-ActCode, such as `PSY` or `SUD`' }],
  [CONFIDENTIALITY_SYSTEM, { has: isConfidentiality, send: quoted(confidentialities) }],
])

export function isKnownPurpose({ system, code }: Coding): boolean {
  return normalizeSystem(system ?? '') === ACT_REASON_SYSTEM && isPurposeOfUse(code ?? '')
}

/** Of other systems everything is taken as it is: they are not ours to judge. */
export function unknownCodes({ provision }: Consent): Fault[] {
  return provision ? unknownIn(provision, 'Consent.provision') : []
}

function unknownIn(provision: ConsentProvision, path: string): Fault[] {
  const { purpose = [], class: classes = [], securityLabel = [], action = [] } = provision
  const each = (element: string, codings: readonly Coding[]): Fault[] =>
    codings.flatMap((coding, index) => codeFault(coding, `${path}.${element}[${index}]`) ?? [])
  return [
    ...each('purpose', purpose),
    ...each('class', classes),
    ...each('securityLabel', securityLabel),
    ...action.flatMap(({ coding = [] }, index) =>
      coding.flatMap((one) => codeFault(one, `${path}.action[${index}]`) ?? []),
    ),
    ...(provision.provision ?? []).flatMap((child, index) => unknownIn(child, `${path}.provision[${index}]`)),
  ]
}

/** Undefined for a code that a decision can read. */
export function codeFault({ system, code }: Coding, expression: string): Fault | undefined {
  if (code === undefined) return undefined
  if (system === undefined) {
    // A profile stands for itself.
    if (/^https?:/.test(code)) return undefined
    const text = `found ${describeCode(code)} without a system, and it could be of any: send its system`
    return { code: 'field-missing', expression: `${expression}.system`, text }
  }
  const known = knownSystems.get(normalizeSystem(system))
  if (!known || known.has(code)) return undefined
  return { code: 'code-unknown', expression, text: `found ${describeCode(code)}; send ${known.send}` }
}

function quoted(codes: readonly string[]): string {
  return `one of ${codes.map((code) => `\`${code}\``).join(', ')}`
}
