/** The citizen whom a query names: by our reference anywhere, by national id in a form body only. */
import { GatewayError } from '#fhir/gateway-error.ts'
import { readPersonIdentifier } from '#fhir/person-identifier.ts'
import type { NamedSubject } from '#intake/subject.ts'
import type { Transaction } from '#store/database.ts'
import { findSubject } from '#store/persons.ts'
import type { Seal } from '#store/seal.ts'
import { isUuid } from './is-uuid.ts'
import type { Call } from './call.ts'

/** No event, no work item has the nil id, and no citizen. */
export const NOBODY = '00000000-0000-0000-0000-000000000000'

export function citizenAsked({
  query,
  queryInUrl,
}: Pick<Call, 'query' | 'queryInUrl'>): NamedSubject | undefined {
  if (query.has('patient') && query.has('patient.identifier'))
    throw invalid('patient', 'name one citizen, once')
  const nationalId = query.get('patient.identifier')
  if (nationalId !== null) {
    if (queryInUrl)
      throw invalid(
        'patient.identifier',
        'a national id must not stand in a URL: send it in the form body of `POST …/_search`',
      )
    const at = nationalId.indexOf('|')
    const system = nationalId.slice(0, Math.max(at, 0))
    return { nationalId: readPersonIdentifier(system, nationalId.slice(at + 1), 'patient.identifier') }
  }
  const reference = query.get('patient')
  if (reference === null) return undefined
  const subjectId = reference.replace(/^Patient\//, '')
  if (isUuid(subjectId)) return { subjectId }
  throw invalid(
    'patient',
    'a `Patient/…` reference is needed; to ask by national id, POST `patient.identifier` to `_search`',
  )
}

/** The nil id for somebody whom nobody has sent yet: a filter that finds nothing, where none would find everything. */
export async function subjectAsked(
  tx: Transaction,
  seal: Seal,
  citizen: NamedSubject | undefined,
): Promise<string | undefined> {
  if (!citizen) return undefined
  return 'subjectId' in citizen
    ? citizen.subjectId
    : ((await findSubject(tx, seal, citizen.nationalId)) ?? NOBODY)
}

function invalid(expression: string, text: string): GatewayError {
  return new GatewayError({ code: 'parameter-invalid', expression, text })
}
