/** Text as XML can hold it. https://www.w3.org/TR/xml/#charsets */

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** What no XML may hold, escaped or not: control characters, lone surrogates, and two that mark no character. */
const UNHELD = /(?![\t\n\r])[\p{Cc}\p{Cs}\uFFFE\uFFFF]/gu

/** Nearly every text: none of the five, and no character from the surrogates on. */
const PLAIN = /^[\t\n\r !#-%(-;=?-\uD7FF]*$/

export function escapeXml(text: string): string {
  if (PLAIN.test(text)) return text
  return text.replace(UNHELD, ' ').replace(/[&<>"']/g, (character) => escapes[character] ?? '')
}
