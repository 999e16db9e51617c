/**
 * JSON Patch of the demographics that the sender's organisation sent. The national ids are not part of what is patched: they stand
 * elsewhere, and name the citizen for good. https://hl7.org/fhir/R4/http.html#patch
 */
import type { Patient } from '@medplum/fhirtypes'
import { type Fault, GatewayError } from '#fhir/gateway-error.ts'
import { parseJsonBody } from '#fhir/json-body.ts'
import { patched, readPatch } from '#fhir/json-patch.ts'
import type { Validator } from '#fhir/validate.ts'
import { refuse } from '#intake/prepare.ts'
import { type Demographics, findDemographics, lockDemographics } from '#store/patients.ts'
import type { Answer } from './answer.ts'
import type { Call, Exchange } from './call.ts'
import { readIfMatch } from './if-match.ts'
import { isUuid } from './is-uuid.ts'
import { readPatientContent } from './patient-content.ts'
import { conflict, notWritable, storePatient } from './patient-write.ts'

export async function patchPatient(exchange: Exchange, call: Call): Promise<Answer> {
  const operations = readPatch(parseJsonBody(call.body))
  const ifMatch = readIfMatch(call)
  const { id } = call
  if (!isUuid(id)) throw notWritable()
  return exchange.database.transaction(async (tx) => {
    const key = { subjectId: id, organizationId: call.requester.organizationId }
    const current = await lockDemographics(tx, key)
    const own = await findDemographics(tx, key)
    // Another's are as absent as none, also for a `test`, which would otherwise answer questions about them.
    if (current === undefined || !own) throw notWritable()
    if (ifMatch !== undefined && current !== ifMatch) throw conflict()
    const before = asPatched(own)
    const content = contentAfter(exchange.validator, before, patched(before, operations))
    const stored = await storePatient(tx, exchange, call, { subjectId: id, content, interaction: 'patch' })
    if (!stored) throw new Error('a patch stored nothing')
    return stored
  })
}

function asPatched({ content, versionId, lastUpdated }: Demographics): Patient {
  return { ...content, meta: { ...content.meta, versionId, lastUpdated: lastUpdated.toISOString() } }
}

function contentAfter(validator: Validator, before: Patient, after: unknown): Patient {
  if (!isPatient(after)) throw new GatewayError(unchanged('resourceType'))
  const { nationalIds, content } = readPatientContent(validator, after)
  refuse([
    ...(after.id === before.id ? [] : [unchanged('Patient.id')]),
    ...(['versionId', 'lastUpdated'] as const).flatMap((name) =>
      after.meta?.[name] === before.meta?.[name] ? [] : [unchanged(`Patient.meta.${name}`)],
    ),
    ...(nationalIds.length === 0 ? [] : [numberAdded]),
  ])
  return content
}

function isPatient(value: unknown): value is Patient {
  return (
    typeof value === 'object' && value !== null && 'resourceType' in value && value.resourceType === 'Patient'
  )
}

function unchanged(expression: string): Fault {
  return { code: 'field-invalid', expression, text: 'a patch cannot change this: leave it as it is' }
}

const numberAdded: Fault = {
  code: 'field-invalid',
  expression: 'Patient.identifier',
  text: 'a patch adds no national id: the citizen has theirs, and they are not part of what is patched',
}
