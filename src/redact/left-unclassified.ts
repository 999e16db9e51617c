/**
 * What nobody classified, in a record that loses a reference: text and files may speak of what was pointed to, so none of
 * it stays in a part (docs/adr/0003, 6).
 */
import type { Resource } from '@medplum/fhirtypes'
import type { Withheld } from '#consent/decision.ts'
import { isUnclassifiedText, unclassifiedTexts, whatGoes } from '#consent/unclassified.ts'
import { UnclassifiedFiles } from '#consent/unclassified-files.ts'
import type { LabelRecord } from '#label/label-record.ts'
import { isCore, isSplittable, unitsOf } from '#label/unit.ts'

/** Undefined when it stands in what the record is never without: then nothing of it may go. */
export function leftUnclassified(
  resource: Resource,
  { elements }: LabelRecord,
  isGone: (path: string) => boolean,
): readonly Withheld[] | undefined {
  const left = elements.filter((element) => isUnclassifiedText(element) && !isGone(element.path))
  if (!isSplittable(resource)) return left.length > 0 ? undefined : []
  const { frame, content } = unitsOf(resource)
  if (frame.some(({ path }) => unclassifiedTexts(path, left).length > 0)) return undefined
  const files = new UnclassifiedFiles(resource)
  const found: Withheld[] = []
  // `title` and `_title` are one element with two values.
  for (const [path, units] of Map.groupBy(content, (unit) => unit.path)) {
    if (isGone(path)) continue
    const values = units.map(({ value }) => value)
    const unclassified = [
      ...unclassifiedTexts(path, left),
      ...values.flatMap((value) => files.in(value, path)).filter((file) => !isGone(file.path)),
    ]
    if (unclassified.length > 0 && isCore(path)) return undefined
    found.push(...whatGoes(path, values, unclassified))
  }
  return found
}
