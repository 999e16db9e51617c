/** The labels that a sentence about a decision names to a reader who may know them: of what was withheld, and no others. */
import type { LabelRecord } from '#label/label-record.ts'
import type { Decision } from './decision.ts'

export function labelsTold(
  { effect, withheld }: Pick<Decision, 'effect' | 'withheld'>,
  labels: LabelRecord | undefined,
): readonly string[] {
  if (!labels) return []
  if (effect === 'deny')
    return labels.sensitivities.length > 0 ? labels.sensitivities : [labels.confidentiality]
  const gone = labels.elements.filter((element) =>
    withheld.some(({ path }) => element.path === path || /^[.[]/.test(after(element.path, path))),
  )
  return [...new Set(gone.flatMap(({ sensitivities }) => sensitivities))].sort()
}

/** What follows `start` in the path; nothing where it starts otherwise. */
function after(path: string, start: string): string {
  return path.startsWith(start) ? path.slice(start.length) : ''
}
