/**
 * What a conditional write is on: a query for the sender's own records of the citizen whom the body names. Read as strictly as a
 * search, from the same tokens. https://hl7.org/fhir/R4/http.html#ccreate
 */
import { allowsAll } from '#auth/scopes.ts'
import { GatewayError } from '#fhir/gateway-error.ts'
import { isHeldType } from '#fhir/held-types.ts'
import { clauseOf, searchParametersOf } from '#fhir/search-parameters.ts'
import { strayNationalIds } from '#intake/subject.ts'
import type { Call } from './call.ts'

export type Clauses = readonly (readonly string[])[]

/** More than any of ours needs, and little work for the database. */
const MAX_PARAMETERS = 10
const MAX_VALUES = 20

/**
 * `expression` is where the query stood: a header, or the URL. INVARIANT: what a condition finds, the client may search for; else
 * its answers would tell of records that other clients of its organisation stored.
 */
export function readCriteria(
  { requester }: Pick<Call, 'requester'>,
  resourceType: string,
  query: URLSearchParams,
  expression: string,
): Clauses {
  if (!isHeldType(resourceType)) throw new Error(`${resourceType} is not held`)
  if (!allowsAll(requester.scopes, resourceType, 's')) throw mayNotSearch(resourceType, expression)
  const refuse = (text: string): GatewayError =>
    new GatewayError({ code: 'parameter-invalid', expression, text })
  const known = searchParametersOf(resourceType)
  if (query.size === 0)
    throw refuse(
      'say what to look for among your own records of the citizen, such as `identifier=<system>|<value>`',
    )
  if (query.size > MAX_PARAMETERS) throw refuse(`at most ${MAX_PARAMETERS} parameters are read`)
  return [...query].map(([name, value]) => {
    if (!known.includes(name))
      throw refuse(
        `a condition may ask for ${known.join(', ')}, without modifiers; the citizen is the one whom the body names`,
      )
    // No code holds one, and PostgreSQL takes no NUL.
    // oxlint-disable-next-line no-control-regex -- these are the characters to find
    if (value === '' || /[\u0000-\u001f\u007f]/.test(value))
      throw refuse('a value is empty or holds a control character')
    if (value.split(',', MAX_VALUES + 1).length > MAX_VALUES)
      throw refuse(`at most ${MAX_VALUES} values of a parameter are read`)
    if (value.split(',').some(namesPerson))
      throw refuse('a national id must stand in no URL and no header: name the citizen in the body alone')
    return clauseOf(name, value)
  })
}

function mayNotSearch(resourceType: string, expression: string): GatewayError {
  return new GatewayError({
    code: 'scope-insufficient',
    expression,
    text: `a condition finds records, so this needs the scope \`system/${resourceType}.s\` without a query; ask the token endpoint for it, or leave the condition out`,
  })
}

const PERSON_NUMBER = /^\d{6}[- ]?\d{4,5}$/

function namesPerson(token: string): boolean {
  const at = token.indexOf('|')
  const system = at < 0 ? '' : token.slice(0, at)
  return (
    strayNationalIds({ system }, '').length > 0 || (system === '' && PERSON_NUMBER.test(token.slice(at + 1)))
  )
}
