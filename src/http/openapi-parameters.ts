/** Path, query and header parameters of an operation in the OpenAPI description. */
import type { CapabilityStatement } from '@medplum/fhirtypes'
import type { FhirRoute } from '#exchange/interactions.ts'
import { describedInteraction } from './openapi-interactions.ts'

interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly required?: true
  readonly description: string
  readonly schema: object
}

export function parametersOf(route: FhirRoute, statement: CapabilityStatement): Parameter[] {
  const { query = [], headers = [] } = describedInteraction(route.interaction)
  return [
    ...[...route.path.matchAll(/:(\w+)/g)].map(([, name = '']) => inPath(name)),
    ...(route.interaction === 'search-type' && route.body === 'none' ? searched(route, statement) : []),
    ...(route.body === 'form' ? [] : query.map((name) => inQuery(name))),
    ...headers.map(inHeader),
  ]
}

function inPath(name: string): Parameter {
  return {
    name,
    in: 'path',
    required: true,
    description:
      name === 'id'
        ? 'Of the resource.'
        : 'Of the version, as it was answered in `ETag` or `meta.versionId`.',
    schema: { type: 'string', format: 'uuid' },
  }
}

/** Those of the CapabilityStatement, which are those that the search reads. */
function searched({ resourceType }: FhirRoute, { rest }: CapabilityStatement): Parameter[] {
  const resource = rest?.[0]?.resource?.find(({ type }) => type === resourceType)
  return (resource?.searchParam ?? []).map(({ name, type, documentation }) => ({
    name: name ?? '',
    in: 'query',
    description: documentation ?? `FHIR search parameter of type ${type}.`,
    schema: { type: 'string' },
  }))
}

const queryParameters: Readonly<Record<string, string>> = {
  _count: 'Entries on a page.',
  _sort: 'Order of the entries.',
  _elements: 'Only these elements, after what may not be seen was taken out.',
  _summary: 'How much of each resource: `true`, `text`, `data` or `false`.',
  _include: 'Also what the matches point to, from the list of the CapabilityStatement.',
  _revinclude: 'Also what points to the matches, from the list of the CapabilityStatement.',
  _since: 'Only what changed since this instant.',
  _type: 'Only these resource types, separated by commas.',
  id: 'Of the Subscription; repeat for several.',
}

function inQuery(name: string): Parameter {
  return {
    name,
    in: 'query',
    description: queryParameters[name] ?? 'See the page of the interaction.',
    schema: { type: 'string' },
  }
}

const headerParameters: Readonly<Record<string, string>> = {
  'If-Match': 'The ETag of the version that the change was made from.',
  'If-None-Match':
    'On a write `*`: only if there is none yet. On a read an ETag: 304 when it is still the current version.',
  'If-None-Exist': 'A query: nothing is stored when it finds a record of your own.',
  'Idempotency-Key': 'The same key with the same body is answered again, and stored once.',
  Prefer:
    '`return=minimal`, `return=representation` or `return=OperationOutcome`; `handling=strict` or `handling=lenient`.',
  'Sluse-Override': 'The id of a grant to break the glass.',
  'Sluse-Legal-Basis': 'The law that permits this without consent.',
}

function inHeader(name: string): Parameter {
  return { name, in: 'header', description: headerParameters[name] ?? '', schema: { type: 'string' } }
}
