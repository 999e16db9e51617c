/** `sluse person suspended` and `confirm`: what a merge or an unmerge made wait for a person. */
import { readConfig } from '#config/config.ts'
import { GatewayError } from '#fhir/gateway-error.ts'
import { confirmAudited } from '#store/link-persons.ts'
import { suspendedOf } from '#store/merged-persons.ts'
import { withDatabase } from './open-database.ts'
import { operatorOf } from './person-merge.ts'
import type { RegistryIo } from './registry/run.ts'

export async function listSuspended({ print }: RegistryIo): Promise<void> {
  const suspended = await withDatabase(readConfig(), (database) => suspendedOf(database, {}))
  if (suspended.length === 0) print('no consent is suspended')
  for (const { consentId, custodian, subjectId, cause, since } of suspended)
    print(
      `${consentId} of Patient/${subjectId}, held by Organization/${custodian}: ${cause} ${since.toISOString()}`,
    )
}

export async function confirm(io: RegistryIo, consentId: string, as: string | undefined): Promise<void> {
  const by = operatorOf(io, as)
  if (!/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(consentId))
    throw fault('this is no id of a consent: send one of `sluse person suspended`')
  const left = await withDatabase(readConfig(), (database) =>
    database.transaction(async (tx) => {
      const confirmed = await confirmAudited(tx, by, consentId)
      if (!confirmed) throw fault('this consent is not suspended: see `sluse person suspended`')
      return confirmed
    }),
  )
  io.print(`the consent ${consentId} counts again, as it stands; it is about Patient/${left.subjectId}`)
}

function fault(text: string): GatewayError {
  return new GatewayError({ code: 'field-invalid', expression: 'CONSENT', text })
}
