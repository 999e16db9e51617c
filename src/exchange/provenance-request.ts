/** What is asked of provenance: that of one record, or of one version of it. https://hl7.org/fhir/R4/provenance.html#search */
import { allows } from '#auth/scopes.ts'
import { GatewayError } from '#fhir/gateway-error.ts'
import { type HeldType, isHeldType } from '#fhir/held-types.ts'
import type { Call } from './call.ts'
import { isLenient } from './handling.ts'
import { isUuid } from './is-uuid.ts'
import { LIST_COUNT, readCount } from './page.ts'

export interface ProvenanceSearch {
  readonly target: { readonly resourceType: HeldType; readonly id: string; readonly versionId?: string }
  readonly count: number
  readonly cursor: string | undefined
  /** The query as it was understood, without the cursor. */
  readonly self: string
}

const PARAMETERS = ['target', '_count', '_cursor']

export function readProvenanceSearch(call: Call): ProvenanceSearch {
  const { query } = call
  for (const name of query.keys()) {
    if (!PARAMETERS.includes(name) && !(isLenient(call) && !name.includes(':'))) {
      throw new GatewayError({
        code: 'parameter-unknown',
        text: `known parameters of Provenance are ${PARAMETERS.join(', ')}`,
      })
    }
    if (query.getAll(name).length > 1) throw invalid(name, 'send it once')
  }
  const target = targetAsked(query.get('target'))
  // Whoever may not read records of a type does not learn of them this way.
  if (!allows(call.requester.scopes, target.resourceType, 'r')) {
    throw new GatewayError({
      code: 'scope-insufficient',
      expression: 'target',
      text: `this tells of ${target.resourceType}; ask for a token with scope \`system/${target.resourceType}.r\` as well`,
    })
  }
  const self = new URLSearchParams({ target: query.get('target') ?? '' })
  const count = query.get('_count')
  if (count !== null) self.set('_count', count)
  return {
    target,
    count: readCount(count, LIST_COUNT),
    cursor: query.get('_cursor') ?? undefined,
    self: self.toString(),
  }
}

function targetAsked(target: string | null): ProvenanceSearch['target'] {
  if (target === null) {
    throw new GatewayError({
      code: 'search-too-wide',
      text: 'name one record with `target`, such as `CarePlan/<id>` or a version of it',
    })
  }
  const [resourceType = '', id, history, versionId, ...more] = target.split('/')
  const isVersion = history === '_history' && isUuid(versionId)
  if (!isHeldType(resourceType) || !isUuid(id) || more.length > 0 || (history !== undefined && !isVersion)) {
    throw invalid(
      'target',
      'write `CarePlan/<id>`, or `CarePlan/<id>/_history/<version>`, of a type that is exchanged',
    )
  }
  return { resourceType, id, ...(versionId === undefined ? {} : { versionId }) }
}

function invalid(expression: string, text: string): GatewayError {
  return new GatewayError({ code: 'parameter-invalid', expression, text })
}
