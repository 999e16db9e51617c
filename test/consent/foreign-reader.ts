/** An enforcement point of somebody else: it compares labels as they are written, and reads a residual list one way or the other. */
import type { AccessRequest, DecisionContext } from '#consent/access-request.ts'
import { readDataReference } from '#consent/criteria-data.ts'
import { coversDataPeriod } from '#consent/data-date.ts'
import { coversData } from '#consent/data-match.ts'
import type { LabelledResource } from '#consent/decide.ts'
import { readPeriod } from '#consent/period.ts'
import { readQuestion } from '#consent/question.ts'
import type { ResidualEntry } from '#consent/residual.ts'

type Word = ResidualEntry['type']

/** By the last entry that matches, and by any permit that does. What no entry speaks of is allowed, as the token says. */
export function readBothWays(
  list: readonly ResidualEntry[],
  content: LabelledResource,
  asked: AccessRequest,
  context: DecisionContext,
): readonly Word[] {
  const words = list.filter((entry) => matches(entry, content, asked, context)).map(({ type }) => type)
  return [words.at(-1) ?? 'permit', words.includes('permit') || words.length === 0 ? 'permit' : 'forbid']
}

/** `class` is passed over, as by a reader that knows PCF alone. */
function matches(
  { type, securityLabel, dataPeriod, data }: ResidualEntry,
  { resource, labels }: LabelledResource,
  asked: AccessRequest,
  context: DecisionContext,
): boolean {
  const question = readQuestion(asked, resource, context)
  if (!question) throw new Error('the properties ask whole questions')
  const effect = type === 'permit' ? 'permit' : 'deny'
  const found = [
    ...(labels?.sensitivities ?? []),
    labels?.confidentiality,
    ...(resource.meta?.security ?? []).map(({ code }) => code),
  ]
  const references = data?.map((each) => readDataReference(each, '', [], new Map()))
  return (
    (!securityLabel || securityLabel.some(({ code }) => found.includes(code))) &&
    (!references || references.some((each) => coversData(each, effect, question) === true)) &&
    (!dataPeriod || coversDataPeriod(readPeriod(dataPeriod), effect, question) === true)
  )
}
