/** What a withdrawal answers: what had been authorised under the consent until then, and who is told of it by whom. */
import type { Parameters, ParametersParameter } from '@medplum/fhirtypes'
import type { Organization } from '#store/organizations.ts'
import type { DisclosedUnder } from '#store/recalls.ts'

/** As many as a person reads; the audit log has them all. */
const MAX_LISTED = 1_000

export interface Withdrawn {
  readonly consent: string
  readonly status: string
  /** Of the caller's own data, newest first. */
  readonly disclosed: readonly DisclosedUnder[]
  readonly told: ReadonlySet<string>
  readonly organizations: ReadonlyMap<string, Organization>
}

export function withdrawnParameters(withdrawn: Withdrawn): Parameters {
  const { consent, status, disclosed, told, organizations } = withdrawn
  const recipients = [...new Set(disclosed.map(({ recipient }) => recipient))].sort()
  const named = (id: string) => ({
    reference: `Organization/${id}`,
    ...(organizations.has(id) ? { display: organizations.get(id)?.name ?? '' } : {}),
  })
  const listed = (each: DisclosedUnder): ParametersParameter => ({
    name: each.inFlight ? 'in-flight' : 'sent',
    part: [
      { name: 'recipient', valueReference: named(each.recipient) },
      {
        name: 'resource',
        valueReference: { reference: `${each.resourceType}/${each.id}/_history/${each.versionId}` },
      },
      { name: 'first', valueInstant: each.first.toISOString() },
      { name: 'last', valueInstant: each.last.toISOString() },
    ],
  })
  return {
    resourceType: 'Parameters',
    parameter: [
      { name: 'consent', valueReference: { reference: consent } },
      { name: 'status', valueCode: status },
      ...disclosed.slice(0, MAX_LISTED).map(listed),
      ...(disclosed.length > MAX_LISTED
        ? [{ name: 'not-listed', valueUnsignedInt: disclosed.length - MAX_LISTED }]
        : []),
      ...recipients.map((id) => ({
        name: told.has(id) ? 'told' : 'tell-yourselves',
        valueReference: named(id),
      })),
    ],
  }
}
