import { type Fault } from '#fhir/gateway-error.ts'
import { asksByNationalId } from '#fhir/national-system.ts'
import { clauseOf, searchParametersOf } from '#fhir/search-parameters.ts'
import { isUuid } from './is-uuid.ts'
import { extensionName, type SentSubscription, unsupported } from './sent-subscription.ts'
import type { SubscriptionTopic } from './subscription-topics.ts'

const FILTER_CRITERIA =
  'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-filter-criteria'

/** Every filter is compared at every change that is stored. */
const MAX_FILTERS = 20
const MAX_FILTER_CHARS = 2_000
/** Of all filters together: with thousands, one subscriber made everybody's large plans fail at the statement's time limit. */
const MAX_FILTER_VALUES = 100

/** `p=v`, `Type.p=v` and the IG examples' `Type?p=v`; several filters mean AND. */
export function readFilter(
  sent: SentSubscription,
  topic: SubscriptionTopic,
  faults: Fault[],
): (readonly string[])[] {
  const clauses: (readonly string[])[] = []
  const extensions = sent._criteria?.extension ?? []
  if (extensions.some(({ valueString }) => (valueString ?? '').length > MAX_FILTER_CHARS))
    faults.push(
      unsupported(
        'Subscription.criteria.extension',
        `at most ${MAX_FILTER_CHARS} characters of filter are read`,
      ),
    )
  if (extensions.length > MAX_FILTERS)
    faults.push(unsupported('Subscription.criteria.extension', `at most ${MAX_FILTERS} filters are read`))
  const values = extensions.flatMap(({ valueString }) => (valueString ?? '').split(/[&,]/))
  if (faults.length === 0 && values.length > MAX_FILTER_VALUES)
    faults.push(
      unsupported(
        'Subscription.criteria.extension',
        `at most ${MAX_FILTER_VALUES} values are read in all filters together`,
      ),
    )
  if (faults.length > 0) return clauses
  for (const [i, { url, valueString }] of extensions.entries()) {
    const at = `Subscription.criteria.extension[${i}]`
    if (url !== FILTER_CRITERIA) {
      faults.push(unsupported(at, `the extension ${extensionName(url)} is not served; leave it out`))
      continue
    }
    for (const part of (valueString ?? '').split('&')) {
      const clause = readClause(part, topic)
      if (clause) clauses.push(clause)
      else
        faults.push(
          unsupported(
            at,
            `filters are \`name=value\` with one of ${searchParametersOf(topic.resourceType).join(', ')}, or \`patient=Patient/…\`, without modifiers`,
          ),
        )
    }
  }
  return clauses
}

function readClause(text: string, { resourceType }: SubscriptionTopic): readonly string[] | undefined {
  const [, type, name, value] = /^(?:([A-Z][A-Za-z]+)[.?])?([a-z][a-zA-Z-]*)=(.+)$/.exec(text) ?? []
  if (!name || !value || (type && type !== resourceType)) return undefined
  if (name === 'patient' || name === 'subject') {
    const ids = value.split(',').map((one) => one.replace(/^Patient\//, ''))
    return ids.every((id) => isUuid(id)) ? ids.map((id) => `subject=${id}`) : undefined
  }
  // A filter is kept as it was sent, and shown again.
  if (name === 'identifier' && asksByNationalId(value)) return undefined
  return searchParametersOf(resourceType).includes(name) ? clauseOf(name, value) : undefined
}
