/** `$validate` of a Patient: the write of it, taken back. https://hl7.org/fhir/R4/resource-operation-validate.html */
import { GatewayError } from '#fhir/gateway-error.ts'
import type { Answer } from './answer.ts'
import type { Call, Exchange } from './call.ts'
import { createPatient, updatePatient } from './patient-write.ts'
import { requireProfile, validAnd, validating } from './validate.ts'
import type { Validation } from './validate-request.ts'

const R4_PATIENT = 'http://hl7.org/fhir/StructureDefinition/Patient'

export function validatePatient(exchange: Exchange, call: Call): Promise<Answer> {
  return validating(exchange, call, async (within, { mode, resource, profile }: Validation) => {
    if (mode === 'delete') {
      throw new GatewayError({
        code: 'parameter-invalid',
        expression: "Parameters.parameter.where(name = 'mode')",
        text: 'a Patient is not deleted; known is update',
      })
    }
    requireProfile(profile, R4_PATIENT)
    // Of the write alone: what it would prefer or depend on is asked for with it.
    const body = new TextEncoder().encode(JSON.stringify(resource))
    const write = { ...call, body, header: () => undefined }
    const { status } = await (call.id === undefined ? createPatient : updatePatient)(within, write)
    return validAnd(status === 201 ? 'created' : 'updated')
  })
}
