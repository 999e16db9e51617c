/** A role is of a person whom the sender itself entered, at the sender or at a unit of it: nobody employs staff for others. */
import { GatewayError } from '#fhir/gateway-error.ts'
import type { Transaction } from '#store/database.ts'
import { type DirectoryContent, lockDirectoryEntry } from '#store/directory.ts'
import { organizationsById } from '#store/organizations.ts'
import { isUuid } from './is-uuid.ts'

export async function requireOwnStaff(
  tx: Transaction,
  content: DirectoryContent,
  organizationId: string,
): Promise<DirectoryContent> {
  if (content.resourceType === 'Practitioner') return content
  await requirePerson(tx, content.practitioner?.reference, organizationId)
  const organization = content.organization?.reference ?? `Organization/${organizationId}`
  await requireUnit(tx, organization, organizationId)
  return { ...content, organization: { reference: organization } }
}

async function requirePerson(
  tx: Transaction,
  reference: string | undefined,
  organizationId: string,
): Promise<void> {
  const id = idIn(reference, 'Practitioner')
  const holder = id === undefined ? undefined : await lockDirectoryEntry(tx, id)
  if (
    holder?.organizationId === organizationId &&
    holder.resourceType === 'Practitioner' &&
    !holder.deleted
  ) {
    return
  }
  throw new GatewayError({
    code: reference === undefined ? 'field-missing' : 'field-invalid',
    expression: 'PractitionerRole.practitioner',
    text: 'refer to the `Practitioner/<id>` of a person whom your organisation entered; POST the Practitioner first',
  })
}

async function requireUnit(tx: Transaction, reference: string, organizationId: string): Promise<void> {
  const id = idIn(reference, 'Organization')
  // The unit and all that it is part of.
  const above = id === undefined ? new Map<string, unknown>() : await organizationsById(tx, [id])
  if (above.has(organizationId)) return
  throw new GatewayError({
    code: 'field-invalid',
    expression: 'PractitionerRole.organization',
    text: 'refer to your own `Organization/<id>` or a unit of it, or leave it out',
  })
}

function idIn(reference: string | undefined, type: string): string | undefined {
  const id = reference?.startsWith(`${type}/`) ? reference.slice(type.length + 1) : undefined
  return isUuid(id) ? id : undefined
}
