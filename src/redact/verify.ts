/**
 * A second look before anything leaves: the labeller reads the final resource, narrative included. What it finds must be
 * among what was permitted, or something was missed on the way and nothing goes. https://hl7.org/fhir/R4/security-labels.html
 */
import type { Resource } from '@medplum/fhirtypes'
import type { Fault } from '#fhir/gateway-error.ts'
import { type Confidentiality, type ElementLabel, exceeds, type LabelRecord } from '#label/label-record.ts'
import { isUnclassifiedText } from '#consent/unclassified.ts'

/** The labels that were permitted: of the whole, or `Decision.remaining`. */
export interface Covered {
  readonly sensitivities: readonly string[]
  readonly confidentiality: Confidentiality
}

/**
 * A fault for each element that says more than was permitted: none, and it may leave. The text is for our own log and
 * alarm; whoever asked hears of neither.
 */
export function verify(
  outgoing: Resource,
  labelAgain: (resource: Resource) => LabelRecord,
  covered: Covered,
): readonly Fault[] {
  const reduced = isReduced(outgoing)
  const narrative = `${outgoing.resourceType}.text`
  const permitted = new Set(covered.sensitivities)
  const isMissed = (element: ElementLabel): boolean => {
    // Our own narrative is prose by nature; the words in it are looked at like any other.
    if (isUnclassifiedText(element) && isWithin(element.path, narrative)) return false
    return (
      (reduced && isUnclassifiedText(element)) ||
      element.sensitivities.some((code) => !permitted.has(code)) ||
      exceeds(element.confidentiality, covered.confidentiality)
    )
  }
  const missed = labelAgain(asContent(outgoing)).elements.filter(isMissed)
  const paths = [...new Set(missed.map(({ path }) => path))]
  return paths.map((path) => ({ code: 'internal', expression: path, text: MISSED }))
}

const MISSED =
  'what is about to leave has a label that was not permitted; nothing was sent: look at the rule that missed it before'

function isWithin(path: string, whole: string): boolean {
  return path === whole || path.startsWith(`${whole}.`)
}

function isReduced({ meta }: Resource): boolean {
  return meta?.tag?.some(({ code }) => code === 'SUBSETTED') ?? false
}

/** `meta` of what leaves is our own, but for the profiles; its labels are the answer, not the question. */
function asContent(outgoing: Resource): Resource {
  const { meta, ...rest } = outgoing
  const profile = meta?.profile
  return Object.assign({ ...rest }, profile ? { meta: { profile } } : {})
}
