import { labelContent } from '#label/label.ts'
import type { LabelRecord } from '#label/label-record.ts'
import type { LabelRuleSet } from '#label/rule-set.ts'
import type { Labelled } from '#store/labels.ts'

/**
 * Labels of the content under these rules, made now if there are none. Undefined when there is nothing to label, or when
 * labelling fails: then the version is withheld, and does not hold up what it came with.
 */
export function contentLabels(
  { labels, content }: Pick<Labelled, 'labels' | 'content'>,
  rules: LabelRuleSet,
): LabelRecord | undefined {
  if (labels.ruleSetVersion === rules.version) return labels
  try {
    return content && labelContent(content, rules)
  } catch {
    return undefined
  }
}
