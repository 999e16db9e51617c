import type { Call } from './call.ts'
import { type Clauses, readCriteria } from './criteria.ts'

/** https://hl7.org/fhir/R4/http.html#ccreate: the query alone, without a type and without `?`. */
export function readIfNoneExist(call: Call): Clauses | undefined {
  const value = call.header('if-none-exist')
  return value === undefined
    ? undefined
    : readCriteria(call, call.resourceType, new URLSearchParams(value), 'http:If-None-Exist')
}
