/** A national id in every form in which it could end up somewhere, and what may hold it: the identifier of a person. */
import { personSystem } from '#fhir/person-identifier.ts'

const systems: ReadonlySet<unknown> = new Set(Object.values(personSystem))

/** Names of forms, each with the text to look for. Six digits and a rest: as it stands on a card, in an address, in a dump. */
export function writtenForms(number: string): readonly string[] {
  const [date, rest] = [number.slice(0, 6), number.slice(6)]
  const separated = ['-', ' ', '.', '%2D', '%2d', '%20', '+', '\u2013'].map((mark) => date + mark + rest)
  return [number, ...separated].flatMap((text) => [
    text,
    ...inBase64(text),
    Buffer.from(text).toString('hex'),
  ])
}

/** Wherever in a longer text it stands: base64 has three beginnings, and the edges belong to the neighbours. */
function inBase64(text: string): readonly string[] {
  return [0, 1, 2].map((offset) => {
    const encoded = Buffer.from('x'.repeat(offset) + text).toString('base64url')
    return encoded.slice(offset === 0 ? 0 : offset + 1, Math.floor(((offset + text.length) * 8) / 6))
  })
}

/** The forms of these numbers that stand in the text. */
export function formsIn(text: string, numbers: readonly string[]): string[] {
  const folded = text.toLowerCase()
  return numbers.flatMap((number) =>
    writtenForms(number).filter((form) =>
      /^[0-9a-f]+$/.test(form) ? folded.includes(form) : text.includes(form),
    ),
  )
}

/** A body without the one place that may name a citizen: the value of an identifier in a national system. */
export function withoutPersonIdentifiers(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), (_, value: unknown) =>
      typeof value === 'object' && value !== null && 'system' in value && systems.has(value.system)
        ? { ...value, value: 'the citizen' }
        : value,
    )
  } catch {
    return body
  }
}
