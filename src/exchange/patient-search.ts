/** What a search of Patient asks for: a citizen by number, in a form body, or by the ids that earlier answers gave. */
import { GatewayError } from '#fhir/gateway-error.ts'
import { type PersonIdentifier, readPersonIdentifier } from '#fhir/person-identifier.ts'
import type { Call } from './call.ts'
import { isUuid } from './is-uuid.ts'

/** Each is asked about on its own. */
const MAX_IDS = 100

export interface PatientSearch {
  readonly nationalId: PersonIdentifier | undefined
  readonly ids: readonly string[] | undefined
  /** The query as it was understood, without the national id. */
  readonly self: string
}

export function readPatientSearch(call: Call): PatientSearch {
  const { query } = call
  refuseUnknown(query)
  const identifier = query.get('identifier')
  const nationalId = identifier === null ? undefined : nationalIdAsked(call, identifier)
  const ids = idsAsked(query.get('_id'))
  if (nationalId === undefined && ids === undefined) {
    throw new GatewayError({
      code: 'search-too-wide',
      text: 'POST `identifier` to `Patient/_search`, or name citizens with `_id`; there is no list of citizens',
    })
  }
  return { nationalId, ids, self: ids === undefined ? '' : `?_id=${ids.join()}` }
}

/** Promise: national ids never stand in a URL, where proxies and logs would keep them. */
function nationalIdAsked({ queryInUrl }: Call, identifier: string): PersonIdentifier {
  if (queryInUrl) {
    throw invalid(
      'identifier',
      'a national id must not stand in a URL: send it in the form body of `POST …/_search`, and treat this one as logged',
    )
  }
  const at = identifier.indexOf('|')
  if (at < 1) throw invalid('identifier', 'write it as `system|value`, for CPR `urn:oid:1.2.208.176.1.2|…`')
  return readPersonIdentifier(identifier.slice(0, at), identifier.slice(at + 1), 'identifier')
}

/** An id of another shape exists nowhere: it matches nothing, as an unknown id does. */
function idsAsked(value: string | null): readonly string[] | undefined {
  if (value === null) return undefined
  const ids = value.split(',', MAX_IDS + 1)
  if (ids.length > MAX_IDS) throw invalid('_id', `at most ${MAX_IDS} values are read`)
  return [...new Set(ids.filter((id) => isUuid(id)))]
}

/** A filter that were ignored, or overruled by another of its name, would answer more than was asked for. */
function refuseUnknown(query: URLSearchParams): void {
  for (const name of query.keys()) {
    if (name !== 'identifier' && name !== '_id') {
      throw new GatewayError({
        code: 'parameter-unknown',
        text: 'known parameters of Patient are identifier, in the form body of `POST …/_search`, and _id',
      })
    }
    if (query.getAll(name).length > 1) throw invalid(name, 'send it once')
  }
}

function invalid(expression: string, text: string): GatewayError {
  return new GatewayError({ code: 'parameter-invalid', expression, text })
}
