/**
 * Narrative that is safe to show: well-formed XHTML of plain layout elements. Stricter than R4, which also lets images,
 * links and styles through: none of them is needed to read a summary, and each can call out.
 * https://hl7.org/fhir/R4/narrative.html#xhtml, https://hl7.org/fhir/R4/security.html#narrative
 */

const ELEMENTS = new Set(
  `b blockquote br caption code col colgroup dd div dl dt em h1 h2 h3 h4 h5 h6 hr i li ol p pre q s small span strong
  sub sup table tbody td tfoot th thead tr u ul`.split(/\s+/),
)
const EMPTY_ELEMENTS = new Set(['br', 'hr', 'col'])
const ATTRIBUTES = new Set([
  'class',
  'id',
  'lang',
  'xml:lang',
  'title',
  'dir',
  'colspan',
  'rowspan',
  'scope',
  'span',
])
const XHTML = 'http://www.w3.org/1999/xhtml'

/** Deeper than any summary needs. */
const MAX_DEPTH = 64

// A tag, with attributes in quotes only. What it does not match (comments, CDATA, instructions) leaves a `<` in the text.
const TAG =
  /<(\/?)([A-Za-z][A-Za-z0-9]*)((?:\s+[A-Za-z][A-Za-z:-]*="[^"<]*"|\s+[A-Za-z][A-Za-z:-]*='[^'<]*')*)\s*(\/?)>/g
const ATTRIBUTE = /([A-Za-z][A-Za-z:-]*)=(?:"([^"]*)"|'([^']*)')/g
const MARKUP = /[<>]|&(?!(?:amp|lt|gt|quot|apos|nbsp|#\d{1,7}|#x[0-9A-Fa-f]{1,6});)/

export function isSafeNarrative(div: string): boolean {
  const open: string[] = []
  let end = 0
  let shown = false
  for (const match of div.matchAll(TAG)) {
    const [tag, slash, name = '', attributes = '', selfClosing] = match
    const text = div.slice(end, match.index)
    const outside = open.length === 0
    // One `div` holds everything: no second root, and no text before or after it.
    if (outside ? end !== 0 || match.index !== 0 || name !== 'div' || slash !== '' : MARKUP.test(text))
      return false
    shown ||= text.trim() !== ''
    end = match.index + tag.length
    if (slash !== '') {
      if (attributes !== '' || selfClosing !== '' || open.pop() !== name) return false
      continue
    }
    if (!ELEMENTS.has(name) || !areSafe(attributes, outside)) return false
    if (selfClosing === '' && !EMPTY_ELEMENTS.has(name)) open.push(name)
    else if (selfClosing === '') return false
    if (open.length > MAX_DEPTH) return false
  }
  // txt-2: "The narrative SHALL have some non-whitespace content".
  return open.length === 0 && end === div.length && end > 0 && shown
}

/** The root names the XHTML namespace, and no attribute is one that runs, styles or fetches. */
function areSafe(attributes: string, isRoot: boolean): boolean {
  let names = 0
  let namespace = false
  const seen = new Set<string>()
  for (const [, name = '', double, single] of attributes.matchAll(ATTRIBUTE)) {
    const value = double ?? single ?? ''
    names += 1
    seen.add(name)
    if (name === 'xmlns' && isRoot && value === XHTML) namespace = true
    else if (!ATTRIBUTES.has(name) || MARKUP.test(value)) return false
  }
  return seen.size === names && namespace === isRoot
}
