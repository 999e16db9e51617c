/** The grounds on which the law of an organisation's country lets a person break the glass, on the day that it is there. */
import { parseLocalInstant } from '#consent/instant.ts'
import type { LawBook } from '#law/law-book.ts'
import { isInForce } from '#law/law-rule.ts'
import type { Organization } from '#store/organizations.ts'

/**
 * Asked when the glass is broken, so that a person learns of a wrong ground while they can still correct it. Each use is
 * judged again, by the law of whoever holds the record.
 */
export function overrideGroundsOf(
  { laws }: LawBook,
  { jurisdiction, timeZone }: Pick<Organization, 'jurisdiction' | 'timeZone'>,
  now: Date,
): readonly string[] {
  const day = parseLocalInstant(now.toISOString(), timeZone)?.day() ?? ''
  return laws[jurisdiction].rules
    .filter((rule) => isInForce(rule, day))
    .flatMap(({ effects }) => effects)
    .flatMap((effect) => (effect.kind === 'override' ? effect.grounds : []))
}
