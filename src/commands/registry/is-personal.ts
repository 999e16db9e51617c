/** Ten or eleven digits, the first six as a date would have them: a national id, which has no place in the registry. */
export function isPersonal(text: string): boolean {
  return /(?<!\d)\d{6}[ -]?\d{4,5}(?!\d)/.test(text)
}
