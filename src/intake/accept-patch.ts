/**
 * PATCH of a client's own resource. https://hl7.org/fhir/R4/http.html#patch. It is applied to the stored version with its id and
 * version, and the result goes the way of an update: validated, labelled, and a Consent captured.
 */
import type { Coding, Meta, Resource } from '@medplum/fhirtypes'
import { type Fault, GatewayError } from '#fhir/gateway-error.ts'
import { subjectElementOf } from '#fhir/held-types.ts'
import { patched, type PatchOperation } from '#fhir/json-patch.ts'
import { findResource, lockResource, type StoredResource } from '#store/resources.ts'
import { notWritable, versionConflict } from './accept-update.ts'
import type { IntakeOptions } from './intake.ts'
import type { Origin } from './origin.ts'
import { requireMayReplace } from './may-write.ts'
import { refuse } from './prepare.ts'
import { type AcceptedWrite, announced, lockCitizenOf, requireHeld, storeWithin } from './store-write.ts'

export interface Patch {
  readonly resourceType: string
  readonly id: string
  readonly operations: readonly PatchOperation[]
  readonly ifMatch: string | undefined
  readonly body: Uint8Array
  readonly origin: Origin
}

export async function acceptPatch(
  options: IntakeOptions,
  { resourceType, id, operations, ifMatch, body, origin }: Patch,
): Promise<AcceptedWrite> {
  const stored = await options.database.transaction(async (tx) => {
    const found = await findResource(tx, resourceType, id)
    // Another's is as absent as none, also for a `test`, which would otherwise answer questions about it.
    if (found?.custodian !== origin.organization.id) throw notWritable()
    await lockCitizenOf(tx, found)
    await lockResource(tx, id)
    const current = await findResource(tx, resourceType, id)
    if (!current) throw notWritable()
    if (ifMatch !== undefined && current.versionId !== ifMatch) throw versionConflict()
    // Before it is applied: a `test` of what is outside the scope would answer questions about it.
    await requireMayReplace(tx, { id, held: requireHeld(current.content), interaction: 'patch', origin })
    const held = requireHeld(afterPatch(current, operations))
    const write = { id, held, interaction: 'patch', body, origin } as const
    return storeWithin(options, tx, current.subjectId, write)
  })
  return announced(options, stored)
}

function afterPatch(stored: StoredResource, operations: readonly PatchOperation[]): Resource {
  const before = asPatched(stored)
  const after = patched(before, operations)
  if (!isResource(after) || after.resourceType !== before.resourceType)
    throw new GatewayError(unchanged('resourceType'))
  refuse(faultsOf(before, after))
  return withoutEmptyLabels(after)
}

/** An empty list is no FHIR: https://hl7.org/fhir/R4/json.html#primitive */
function withoutEmptyLabels(resource: Resource): Resource {
  const { security, ...meta } = resource.meta ?? {}
  return Array.isArray(security) && security.length === 0 ? { ...resource, meta } : resource
}

function isResource(value: unknown): value is Resource {
  return typeof value === 'object' && value !== null && 'resourceType' in value
}

/** With an empty list of labels where there are none, so that one can be added. */
function asPatched({ content, id, versionId, lastUpdated }: StoredResource): Resource {
  const { security = [], ...meta } = content.meta ?? {}
  return { ...content, id, meta: { ...meta, versionId, lastUpdated: lastUpdated.toISOString(), security } }
}

/** What the server sets, and whose record it is. A label that its sender gave it once may be joined by others. */
function faultsOf(before: Resource, after: Resource): readonly Fault[] {
  const type = before.resourceType
  const subject = subjectElementOf(type)
  const kept = ['id', ...(subject === undefined ? [] : [subject])]
  const faults = kept.flatMap((name) => (same(before, after, name) ? [] : [unchanged(`${type}.${name}`)]))
  const [metaBefore, metaAfter] = [before.meta ?? {}, after.meta ?? {}]
  for (const name of ['versionId', 'lastUpdated'])
    if (!same(metaBefore, metaAfter, name)) faults.push(unchanged(`${type}.meta.${name}`))
  if (!labelsOf(metaBefore).every((label) => labelsOf(metaAfter).includes(label))) {
    faults.push({
      code: 'field-invalid',
      expression: `${type}.meta.security`,
      text: 'a patch may add labels and take none away: send the whole resource with PUT',
    })
  }
  return faults
}

function same(before: object, after: object, name: string): boolean {
  return JSON.stringify(Reflect.get(before, name)) === JSON.stringify(Reflect.get(after, name))
}

function labelsOf({ security }: Meta): readonly string[] {
  const labels: readonly Coding[] = Array.isArray(security) ? security : []
  return labels.map((label) => JSON.stringify(label))
}

function unchanged(expression: string): Fault {
  return { code: 'field-invalid', expression, text: 'a patch cannot change this: leave it as it is' }
}
