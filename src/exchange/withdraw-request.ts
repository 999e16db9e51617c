/** What of a consent is taken back, as Parameters: all of it, one recipient, one class of resource or one label. */
import type { Coding, Parameters, ParametersParameter } from '@medplum/fhirtypes'
import { codeFault } from '#capture/known-codes.ts'
import type { Withdrawal } from '#capture/withdrawal.ts'
import { type Fault, GatewayError } from '#fhir/gateway-error.ts'

const NAMES = ['whole', 'recipient', 'class', 'securityLabel'] as const
const ONE_OF = NAMES.map((name) => `\`${name}\``).join(', ')

/** @throws when it does not say exactly one thing: half of what somebody meant must not look like all of it. */
export function readWithdrawal({ parameter = [] }: Parameters): Withdrawal {
  const [first, second] = parameter
  if (!first)
    throw fault('field-missing', 'Parameters.parameter', `say what is withdrawn: send one of ${ONE_OF}`)
  if (second)
    throw fault('field-invalid', 'Parameters.parameter[1]', `send one of ${ONE_OF} alone, once for each`)
  const name = NAMES.find((each) => each === first.name)
  const path = 'Parameters.parameter[0]'
  if (!name) throw fault('field-invalid', `${path}.name`, `found another name; send one of ${ONE_OF}`)
  return readers[name](first, path)
}

const readers: Readonly<
  Record<(typeof NAMES)[number], (given: ParametersParameter, path: string) => Withdrawal>
> = {
  whole: ({ valueBoolean }, path) => {
    if (valueBoolean === true) return { kind: 'whole' }
    throw fault('field-invalid', `${path}.valueBoolean`, 'send `true`, or name what is withdrawn')
  },
  recipient: ({ valueReference, valueIdentifier }, path) => {
    const identifier = valueIdentifier ?? valueReference?.identifier
    const reference = valueReference?.reference
    if (identifier?.system !== undefined && identifier.value !== undefined) {
      const { system, value } = identifier
      return { kind: 'recipient', recipient: { identifier: { system, value } } }
    }
    if (reference !== undefined && /^Organization\/[A-Za-z0-9.-]{1,64}$/.test(reference))
      return { kind: 'recipient', recipient: { reference } }
    throw fault(
      'field-invalid',
      path,
      'name the organisation: an Identifier with system and value, or a Reference to it',
    )
  },
  class: ({ valueCoding }, path) => ({ kind: 'class', class: codingOf(valueCoding, path) }),
  securityLabel: ({ valueCoding }, path) => ({
    kind: 'securityLabel',
    securityLabel: codingOf(valueCoding, path),
  }),
}

function codingOf(coding: Coding | undefined, path: string): Coding {
  const { system, code } = coding ?? {}
  // What is misspelt would be withdrawn in the answer alone.
  const unknown = coding && codeFault(coding, `${path}.valueCoding`)
  if (unknown?.code === 'code-unknown') throw new GatewayError(unknown)
  if (system !== undefined && code !== undefined) return { system, code }
  throw fault('field-invalid', `${path}.valueCoding`, 'send a Coding with system and code')
}

function fault(code: Fault['code'], expression: string, text: string): GatewayError {
  return new GatewayError({ code, expression, text })
}
