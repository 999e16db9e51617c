import { describe, expect, test } from 'vitest'
import { isSafeNarrative } from '#fhir/validate-narrative.ts'

const XMLNS = 'xmlns="http://www.w3.org/1999/xhtml"'

function div(content: string): string {
  return `<div ${XMLNS}>${content}</div>`
}

describe('safe', () => {
  test.each([
    ['text', div('Behandlingsplan')],
    ['layout', div('<p class="x"><b>Mål</b><br/>Søvn</p><ul><li>a</li></ul>')],
    ['a table', div('<table><colgroup><col span="2"/></colgroup><tr><td colspan="2">a</td></tr></table>')],
    ['entities', div('a &lt; b &amp; c&#160;d &#xe6;&nbsp;')],
    [
      'single quotes and a language',
      `<div xmlns='http://www.w3.org/1999/xhtml' lang="da" xml:lang="da">a</div>`,
    ],
  ])('%s', (_, html) => {
    expect(isSafeNarrative(html)).toBe(true)
  })
})

/** https://hl7.org/fhir/R4/narrative.html#xhtml, https://hl7.org/fhir/R4/security.html#narrative */
describe('refused', () => {
  test.each([
    ['a script', div('<script>alert(1)</script>')],
    ['a script in capitals', div('<SCRIPT>alert(1)</SCRIPT>')],
    ['an event handler', div('<p onclick="x()">a</p>')],
    ['an event handler of the root', `<div ${XMLNS} onload="x()">a</div>`],
    ['a style', div('<p style="background:url(https://a)">a</p>')],
    ['a style element', div('<style>p{}</style>a')],
    ['a link', div('<a href="https://a">a</a>')],
    ['an image', div('<img src="https://a"/>a')],
    ['a form', div('<form>a</form>')],
    ['a frame', div('<iframe src="https://a">a</iframe>')],
    ['an object', div('<object data="x">a</object>')],
    ['another namespace', div('<svg xmlns="http://www.w3.org/2000/svg">a</svg>')],
    ['another namespace on a known element', div('<p xmlns="http://www.w3.org/2000/svg">a</p>')],
    ['a prefix', div('<x:script>a</x:script>')],
    ['a comment', div('a<!-- b -->')],
    ['a CDATA section', div('<![CDATA[<script>]]>a')],
    ['a processing instruction', div('<?xml-stylesheet href="x"?>a')],
    ['a document type', `<!DOCTYPE div>${div('a')}`],
    ['an XML declaration', `<?xml version="1.0"?>${div('a')}`],
    ['an unknown entity', div('a &x; b')],
    ['a bare ampersand', div('a & b')],
    ['a bare less-than', div('a < b')],
    ['an attribute without quotes', div('<p class=x>a</p>')],
    ['an attribute twice', div('<p class="x" class="y">a</p>')],
    ['markup in an attribute', div('<p title="&x;">a</p>')],
    ['an attribute on a closing tag', div('<p>a</p class="x">')],
    ['wrong nesting', div('<b><i>a</b></i>')],
    ['an element that does not end', div('<p>a')],
    ['an end without a start', div('a</p>')],
    ['an empty element that is not closed', div('a<br>')],
    ['two roots', div('a') + div('b')],
    ['text before the root', `a${div('b')}`],
    ['text after the root', `${div('b')}a`],
    ['another root', `<p ${XMLNS}>a</p>`],
    ['no namespace', '<div>a</div>'],
    ['the namespace of another', '<div xmlns="http://www.w3.org/2000/svg">a</div>'],
    ['nothing to show (txt-2)', div(' <p> </p>')],
    ['nothing', ''],
    ['text alone', 'a'],
    ['depth', div('<b>'.repeat(64) + 'a' + '</b>'.repeat(64))],
  ])('%s', (_, html) => {
    expect(isSafeNarrative(html)).toBe(false)
  })

  test.each([
    ['unclosed tags', '<p '.repeat(100_000)],
    ['spaces in a tag', `<p${' '.repeat(300_000)}`],
    ['attributes', `<p${' a="b"'.repeat(50_000)}`],
    ['ampersands', '&'.repeat(300_000)],
  ])('%s by the hundred thousand, without delay', (_, content) => {
    const start = process.cpuUsage()
    expect(isSafeNarrative(div(content))).toBe(false)
    const { user } = process.cpuUsage(start)
    expect(user).toBeLessThan(1_000_000)
  })
})
