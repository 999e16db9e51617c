/**
 * Each permit names its recipient, its purpose and the kind of information; each exception says what is excepted.
 * Forvaltningsloven 28; GDPR 4(11), 7: consent is specific.
 */
import type { Consent, ConsentProvision, ConsentProvisionActor } from '@medplum/fhirtypes'
import { readPeriod } from '#consent/period.ts'
import { describeCode, type Fault } from '#fhir/gateway-error.ts'
import { isKnownPurpose } from './known-codes.ts'
import { baseEffect } from './policy.ts'

/** As deep as the decision reads; no real consent comes near. */
const MAX_DEPTH = 8

/** Whether any part of it opens something. */
export function permits(consent: Consent): boolean {
  return baseEffect(consent) === 'permit' || holdsPermit(consent.provision)
}

function holdsPermit(provision: ConsentProvision | undefined): boolean {
  return (provision?.provision ?? []).some((child) => child.type === 'permit' || holdsPermit(child))
}

/** What a provision states, itself or through one around it: it takes over what it leaves empty. */
interface Stated {
  readonly recipient: boolean
  readonly purpose: boolean
  readonly kind: boolean
}

export function provisionFaults(consent: Consent): Fault[] {
  const provision = consent.provision ?? {}
  const none = { recipient: false, purpose: false, kind: false }
  return faultsOf(provision, {
    effect: baseEffect(consent),
    path: 'Consent.provision',
    around: none,
    depth: 0,
  })
}

interface Place {
  readonly effect: ConsentProvision['type'] | undefined
  readonly path: string
  readonly around: Stated
  readonly depth: number
}

function faultsOf(provision: ConsentProvision, { effect, path, around, depth }: Place): Fault[] {
  const stated = statedIn(provision, around)
  const own: Fault[] = [
    ...periodFaults(provision, path),
    ...(depth > 0 ? nestedFaults(provision, path, depth) : []),
    ...(effect === 'permit' ? [...missingFrom(stated, path), ...roleFaults(provision, path)] : []),
  ]
  const inner = (provision.provision ?? []).flatMap((child, index) =>
    faultsOf(child, {
      effect: child.type,
      path: `${path}.provision[${index}]`,
      around: stated,
      depth: depth + 1,
    }),
  )
  return [...own, ...inner]
}

function statedIn(provision: ConsentProvision, around: Stated): Stated {
  const { purpose = [], class: classes = [], code = [], data = [], securityLabel = [] } = provision
  return {
    recipient: around.recipient || (provision.actor ?? []).some((actor) => roleOf(actor) === 'recipient'),
    purpose: around.purpose || purpose.some(isKnownPurpose),
    kind:
      around.kind ||
      [...classes, ...securityLabel].some((coding) => coding.code !== undefined) ||
      code.some(({ coding }) => coding?.some((each) => each.code !== undefined)) ||
      data.length > 0,
  }
}

function missingFrom({ recipient, purpose, kind }: Stated, path: string): Fault[] {
  const missing = (element: string, text: string): Fault => ({
    code: 'field-missing',
    expression: `${path}.${element}`,
    text,
  })
  return [
    ...(recipient
      ? []
      : [
          missing(
            'actor',
            'the permit names no recipient: name each by `reference` with the role `IRCP`, or it would be for everybody',
          ),
        ]),
    ...(purpose
      ? []
      : [missing('purpose', 'the permit names no purpose: send a code of v3-ActReason, such as `TREAT`')]),
    ...(kind
      ? []
      : [
          missing(
            'class',
            'the permit names no kind of information: send codes in `class`, `code` or `securityLabel`, or `data`',
          ),
        ]),
  ]
}

const RECIPIENTS: ReadonlySet<string | undefined> = new Set(
  'IRCP PRCP NOT REFB REFT TRC GRANTEE DELEGATEE'.split(' '),
)

export function roleOf({ role }: ConsentProvisionActor): 'recipient' | 'source' | 'unknown' {
  const codes = (role?.coding ?? []).flatMap(({ code }) => code ?? [])
  // A role in words, or none, is read as the recipient's.
  if (codes.every((code) => RECIPIENTS.has(code))) return 'recipient'
  return codes.every((code) => code === 'CST' || code === 'AUT') ? 'source' : 'unknown'
}

/** No permit may rest on a role that nobody here understands. */
function roleFaults({ actor = [] }: ConsentProvision, path: string): Fault[] {
  return actor.flatMap((each, index): Fault[] => {
    if (roleOf(each) !== 'unknown') return []
    const text = `found ${describeCode(each.role?.coding?.[0]?.code)}; send \`IRCP\` for who receives, \`CST\` for who holds the data, or \`AUT\` for who wrote it`
    return [{ code: 'code-unknown', expression: `${path}.actor[${index}].role`, text }]
  })
}

function periodFaults({ period }: ConsentProvision, path: string): Fault[] {
  if (period === undefined || readPeriod(period) !== 'unreadable') return []
  const text = 'the period has no dates that can be read, or ends before it starts: correct it'
  return [{ code: 'field-invalid', expression: `${path}.period`, text }]
}

const CRITERIA = [
  'period',
  'actor',
  'action',
  'securityLabel',
  'purpose',
  'class',
  'code',
  'dataPeriod',
  'data',
] as const

function nestedFaults(provision: ConsentProvision, path: string, depth: number): Fault[] {
  const faults: Fault[] = []
  if (provision.type === undefined) {
    const text = 'the exception does not say which way it goes: send `permit` or `deny`'
    faults.push({ code: 'field-missing', expression: `${path}.type`, text })
  }
  if (CRITERIA.every((element) => provision[element] === undefined)) {
    const text =
      'the exception names nothing that is excepted: send who, what, when or for which purpose, or leave it out'
    faults.push({ code: 'exception-missing', expression: path, text })
  }
  if (depth === MAX_DEPTH + 1) {
    const text = `provisions are nested deeper than ${MAX_DEPTH} levels: say it in fewer`
    faults.push({ code: 'field-invalid', expression: path, text })
  }
  return faults
}
