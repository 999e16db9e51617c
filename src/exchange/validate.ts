/**
 * `$validate`: what a write would be answered, and nothing is stored. It is that write, in a transaction that is taken back, so that the
 * two cannot differ. https://hl7.org/fhir/R4/resource-operation-validate.html
 */
import type { OperationOutcome, Resource } from '@medplum/fhirtypes'
import { describeCode, GatewayError, toOperationOutcome } from '#fhir/gateway-error.ts'
import { isHeldType, profileOf } from '#fhir/held-types.ts'
import { acceptCreate } from '#intake/accept-create.ts'
import { acceptDelete } from '#intake/accept-delete.ts'
import { acceptUpdate, notWritable } from '#intake/accept-update.ts'
import { isUuid, originOf } from './access.ts'
import { acceptedAnswer } from './accepted-answer.ts'
import type { Answer } from './answer.ts'
import { asOne } from './as-one.ts'
import type { Call, Exchange } from './call.ts'
import { readResourceBody, requireSameId } from './resource-body.ts'
import { readValidation, type Validation } from './validate-request.ts'

export function validate(exchange: Exchange, call: Call): Promise<Answer> {
  return validating(exchange, call, (within, validation) => tried(within, call, validation))
}

/** `write` says what was found, when it was not refused; it is taken back. */
export async function validating(
  exchange: Exchange,
  call: Call,
  write: (within: Exchange, validation: Validation) => Promise<OperationOutcome>,
): Promise<Answer> {
  const validation = readValidation(call)
  return { status: 200, nonClinical: await outcomeOf(exchange, (within) => write(within, validation)) }
}

async function outcomeOf(
  exchange: Exchange,
  write: (within: Exchange) => Promise<OperationOutcome>,
): Promise<OperationOutcome> {
  try {
    return await asOne(exchange, async (within) => {
      throw new TakenBack(await write(within))
    })
  } catch (error) {
    if (error instanceof TakenBack) return error.outcome
    if (error instanceof GatewayError && error.status < 500) return toOperationOutcome(error)
    throw error
  }
}

/** Ends the transaction without a commit. */
class TakenBack extends Error {
  override readonly name = 'TakenBack'
  readonly outcome: OperationOutcome

  constructor(found: OperationOutcome) {
    super('what was tried is taken back')
    this.outcome = found
  }
}

async function tried(
  exchange: Exchange,
  call: Call,
  { mode, resource, profile }: Validation,
): Promise<OperationOutcome> {
  const { id, resourceType, body } = call
  if (id !== undefined && !isUuid(id)) throw notWritable()
  const origin = await originOf(exchange, call)
  if (mode === 'delete') {
    await acceptDelete(exchange, { resourceType, id: id ?? '', ifMatch: undefined, origin })
    return outcome([{ severity: 'information', code: 'informational', diagnostics: 'it would be deleted' }])
  }
  const sent = requireResource(resource, resourceType)
  requireProfile(profile, isHeldType(resourceType) ? profileOf(resourceType) : undefined)
  if (id !== undefined) requireSameId(sent, id)
  const write =
    id === undefined
      ? await acceptCreate(exchange, { resource: sent, body, origin })
      : await acceptUpdate(exchange, { id, resource: sent, body, origin })
  const [, ...notices] = acceptedAnswer(exchange, write).nonClinical.issue
  return validAnd(write.done, notices)
}

export function validAnd(done: string, notices: OperationOutcome['issue'] = []): OperationOutcome {
  return outcome([
    {
      severity: 'information',
      code: 'informational',
      diagnostics: `it is valid, and would be ${done}`,
    },
    ...notices,
  ])
}

function requireResource(resource: unknown, resourceType: string): Resource {
  return readResourceBody({ resourceType, parsed: resource })
}

export function requireProfile(profile: string | undefined, ours: string | undefined): void {
  if (profile === undefined || profile === ours) return
  throw new GatewayError({
    code: 'field-invalid',
    expression: "Parameters.parameter.where(name = 'profile').value",
    text: `found ${describeCode(profile)}; it is held to ${ours ?? 'R4 alone'}: name it, or leave the profile out`,
  })
}

function outcome(issue: OperationOutcome['issue']): OperationOutcome {
  return { resourceType: 'OperationOutcome', issue }
}
