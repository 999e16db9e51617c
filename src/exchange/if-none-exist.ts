import type { Call } from './call.ts'
import { type Clauses, readCriteria } from './criteria.ts'

/** https://hl7.org/fhir/R4/http.html#ccreate: the query alone, without a type and without `?`. */
export function readIfNoneExist({ header, resourceType }: Call): Clauses | undefined {
  const value = header('if-none-exist')
  return value === undefined
    ? undefined
    : readCriteria(resourceType, new URLSearchParams(value), 'http:If-None-Exist')
}
