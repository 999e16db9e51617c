/** Bodies for `POST /fhir/CarePlan`: https://www.rfc-editor.org/rfc/rfc7493, reliability T11, T12, T19, T41. */
import type { ErrorCode } from '#fhir/gateway-error.ts'
import { sampleCarePlan } from '#test/fhir-samples.ts'
import { type Attack, CANARY } from './attack.ts'

const { id: _id, ...sample } = sampleCarePlan()
const plan = JSON.stringify(sample)
/** The plan with this written into it, as it stands. */
const withText = (text: string): string => `${plan.slice(0, -1)},${text}}`
const withField = (name: string, value: unknown): string => JSON.stringify({ ...sample, [name]: value })
const latin1 = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(text, (letter) => letter.charCodeAt(0))
const utf16 = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(text, 'utf16le'))

type Row = readonly [string, Attack['body'], ErrorCode?]

// prettier-ignore
const syntax: readonly Row[] = [
  ['nothing', '', 'body-empty'],
  ['blanks', ' \r\n\t ', 'body-empty'],
  ['a word', CANARY],
  ['half a document', plan.slice(0, -20)],
  ['half a string', `{"title":"${CANARY}`],
  ['two documents', `${plan}${plan}`],
  ['something after the document', `${plan}${CANARY}`],
  ['a comma too many', `${plan.slice(0, -1)},}`],
  ['a comma too few', `{"a":1 "${CANARY}":2}`],
  ['a colon too many', `{"a"::"${CANARY}"}`],
  ['single quotes', `{'resourceType':'${CANARY}'}`],
  ['a key without quotes', `{resourceType:"${CANARY}"}`],
  ['a comment', withText(`"x":1/*${CANARY}*/`)],
  ['a comment to the end', `${plan}//${CANARY}`],
  ['a call', `${CANARY}(${plan})`],
  ['NaN', withText('"x":NaN')],
  ['Infinity', withText('"x":-Infinity')],
  ['undefined', withText('"x":undefined')],
  ['a number with a leading zero', withText('"x":012')],
  ['a number with a plus', withText('"x":+1')],
  ['a number in base 16', withText('"x":0x10')],
  ['a number without digits', withText('"x":-')],
  ['a number that ends with its dot', withText('"x":1.')],
  ['an escape that there is not', withText(`"x":"\\q${CANARY}"`)],
  ['half an escape', withText('"x":"\\u00"')],
  ['a line break in a string', withText(`"x":"${CANARY}\n"`)],
  ['a tab in a string', withText(`"x":"${CANARY}\t"`)],
  ['ESC in a string', withText(`"x":"\x1b[31m${CANARY}"`)],
  ['blanks of Unicode', `\u00a0${plan}`],
  ['XML', `<CarePlan xmlns="http://hl7.org/fhir"><title value="${CANARY}"/></CarePlan>`],
  ['XML with an entity', `<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;${CANARY}</x>`],
  ['YAML', `resourceType: CarePlan\ntitle: ${CANARY}`],
  ['a form', `resourceType=CarePlan&title=${CANARY}`],
  ['lines of JSON', `${plan}\n${plan}\n`],
  ['a brace', '{'],
  ['a bracket that closes', ']'],
  ['brackets that do not fit', '{"a":[1}]'],
]

// prettier-ignore
const twoReadings: readonly Row[] = [
  ['a key twice', withText(`"status":"${CANARY}"`)],
  ['a key twice, with the same value', `{"resourceType":"CarePlan","resourceType":"CarePlan"}`],
  ['a key twice, once escaped', withText(`"st\\u0061tus":"${CANARY}"`)],
  ['a key twice, all of it escaped', withText(`"\\u0073\\u0074\\u0061\\u0074\\u0075\\u0073":"draft"`)],
  ['a key twice, deep inside', withField('activity', [{}]).replace('[{}]', `[{"detail":{"status":"scheduled","status":"${CANARY}"}}]`)],
  ['an empty key twice', withText('"":1,"":2')],
  ['the subject twice', withText(`"subject":{"display":"${CANARY}"}`)],
  ['a lone high surrogate', withText(`"title":"${CANARY}\\ud83d"`)],
  ['a lone low surrogate', withText('"x":"\\udc00"')],
  ['surrogates in the wrong order', withText('"x":"\\ude00\\ud83d"')],
  ['a lone surrogate as a key', withText('"\\ud800":1')],
  ['NUL', withText(`"x":"a\\u0000${CANARY}"`)],
  ['NUL in a key', withText('"a\\u0000b":1')],
  ['NUL byte', withText('"x":"a\0b"')],
  ['Latin-1', latin1(withText(`"x":"bl\xe5 ${CANARY}"`))],
  ['UTF-16', utf16(plan)],
  ['UTF-16 with its mark', latin1(`\xff\xfe${String.fromCharCode(...utf16('{}'))}`)],
  ['UTF-32', latin1('\0\0\0{\0\0\0}')],
  ['an overlong slash', latin1(withText('"x":"\xc0\xaf"'))],
  ['an overlong NUL', latin1(withText('"x":"\xc0\x80"'))],
  ['a surrogate in UTF-8', latin1(withText('"x":"\xed\xa0\x80"'))],
  ['beyond Unicode', latin1(withText('"x":"\xf4\x90\x80\x80"'))],
  ['half a character', latin1(withText('"x":"\xe2\x82"'))],
  ['UTF-7', `+AHs-"x":"${CANARY}"+AH0-`],
  ['a number of 17 digits', withText('"x":0.12345678901234567')],
  ['an integer that a double rounds', withText('"x":9007199254740993')],
  ['a number beyond double', withText('"x":1e400')],
  ['a number of a million digits', withText(`"x":${'9'.repeat(1_000_000)}`)],
  ['a number below all', withText('"x":1e-400')],
]

// prettier-ignore
const prototypes: readonly Row[] = [
  ['__proto__', withText(`"__proto__":{"x":"${CANARY}"}`)],
  ['__proto__, escaped', withText('"__pr\\u006fto__":{"x":1}')],
  ['__proto__ deep inside', withText('"code":{"coding":[{"__proto__":{"x":1}}]}')],
  ['constructor', withText('"constructor":{"prototype":{"x":1}}')],
  ['prototype', withText('"prototype":{"x":1}')],
  ['__proto__ alone', '{"__proto__":{"resourceType":"CarePlan"}}'],
  ['toString', withText(`"toString":"${CANARY}"`), 'field-invalid'],
  ['hasOwnProperty', withText('"hasOwnProperty":1'), 'field-invalid'],
  ['__defineGetter__', withText('"__defineGetter__":1'), 'field-invalid'],
  ['toJSON', withText('"toJSON":"x"'), 'field-invalid'],
  ['then', withText('"then":"x"'), 'field-invalid'],
]

// prettier-ignore
const tooMuch: readonly Row[] = [
  ['65 levels', `${'['.repeat(65)}${']'.repeat(65)}`],
  ['100,000 levels of lists', '['.repeat(100_000)],
  ['100,000 levels of objects', '{"a":'.repeat(100_000)],
  ['100,000 levels, closed', `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
  ['a million entries', withText(`"x":[${'1,'.repeat(999_999)}1]`), 'body-too-large'],
  ['50,001 keys', `{${Array.from({ length: 50_001 }, (_, i) => `"${i}":1`).join(',')}}`, 'body-too-large'],
  ['50,001 empty objects', `[${'{},'.repeat(50_000)}{}]`, 'body-too-large'],
  ['more than 2 MB', withText(`"x":"${'a'.repeat(2_100_000)}"`), 'body-too-large'],
  ['a string of almost 2 MB as a code', withField('status', CANARY.repeat(170_000)), 'field-invalid'],
  ['a string of almost 2 MB as a type', JSON.stringify({ resourceType: 'C'.repeat(1_900_000) }), 'field-invalid'],
  ['a string of backslashes', `{"x":"${'\\'.repeat(1_000_000)}`],
  ['a string of quotes', `{"x":"${'\\"'.repeat(500_000)}`],
  ['a key of 1 MB', `{"resourceType":"CarePlan","${CANARY.repeat(90_000)}":1}`, 'field-missing'],
  ['a date that makes a regular expression slow', withField('created', `${'1'.repeat(50_000)}!`), 'field-invalid'],
  ['a URI of 100,000 blanks', withField('instantiatesUri', [' '.repeat(100_000)]), 'field-invalid'],
]

// prettier-ignore
const shapes: readonly Row[] = [
  ['null', 'null'],
  ['a truth', 'true'],
  ['a number', '42'],
  ['a string', `"${CANARY}"`],
  ['a list', `[${plan}]`],
  ['an empty list', '[]'],
  ['no type', '{}', 'field-missing'],
  ['a type that is null', '{"resourceType":null}', 'field-invalid'],
  ['a type that is a number', '{"resourceType":1}', 'field-invalid'],
  ['a type that is a list', '{"resourceType":["CarePlan"]}', 'field-invalid'],
  ['another type', plan.replace('"CarePlan"', '"Patient"'), 'field-invalid'],
  ['a type that there is not', plan.replace('"CarePlan"', `"${CANARY} ${CANARY}"`), 'field-invalid'],
  ['a type of a prototype', plan.replace('"CarePlan"', '"constructor"'), 'field-invalid'],
  ['a type in lower case', plan.replace('"CarePlan"', '"careplan"'), 'field-invalid'],
  ['nothing but a type', '{"resourceType":"CarePlan"}', 'field-missing'],
  ['an element that there is not', withField(`${CANARY} 2509479989`, 1), 'field-invalid'],
  ['a status that is an object', withField('status', { x: CANARY }), 'field-invalid'],
  ['a status that is a list', withField('status', ['active']), 'field-invalid'],
  ['a status that is null', withField('status', null), 'field-invalid'],
  ['a status that is unknown', withField('status', 'ukendt'), 'code-unknown'],
  ['a status with a blank', withField('status', 'active '), 'field-invalid'],
  ['a status in full width', withField('status', 'ａｃｔｉｖｅ'), 'code-unknown'],
  ['a subject that is a string', withField('subject', CANARY), 'field-missing'],
  ['a subject that is nobody', withField('subject', {}), 'field-missing'],
  ['a subject that is empty', withField('subject', { reference: '' }), 'field-missing'],
  ['activities in an object', withField('activity', { 0: {} }), 'field-invalid'],
  ['an empty list of activities', withField('activity', []), 'field-invalid'],
  ['an activity that is null', withField('activity', [null]), 'field-invalid'],
  ['activities in a list of lists', withField('activity', [[{}]]), 'field-invalid'],
  ['a title that is a number', withField('title', 1), 'field-invalid'],
  ['a title that is empty', withField('title', ''), 'field-invalid'],
  ['a date that there is not', withField('created', '2026-02-30'), 'field-invalid'],
  ['a date in words', withField('created', CANARY), 'field-invalid'],
  ['a script in a link', withField('instantiatesUri', ['javascript:alert(1)\n']), 'field-invalid'],
  ['a contained resource of no type', withField('contained', [{ id: 'x' }]), 'field-missing'],
  ['a contained resource in itself', withField('contained', [{ resourceType: 'CarePlan', contained: [{}] }]), 'field-missing'],
  ['an extension that modifies', withField('modifierExtension', [{ url: 'urn:x', valueString: CANARY }]), 'profile-violation'],
]

// https://owasp.org/www-community/xss-filter-evasion-cheatsheet
// prettier-ignore
export const scripts: readonly string[] = [
  '<script>alert(1)</script>', '<img src="x" onerror="alert(1)"/>', '<svg onload="alert(1)"/>', '<a href="javascript:alert(1)">x</a>',
  '<iframe src="//evil.example"></iframe>', '<object data="x"></object>', '<embed src="x"/>', '<form action="//evil.example"><input/></form>',
  '<style>@import url(//evil.example)</style>', '<link rel="stylesheet" href="//evil.example"/>', '<meta http-equiv="refresh" content="0"/>',
  '<p onclick="alert(1)">x</p>', '<p style="background:url(javascript:alert(1))">x</p>', '<base href="//evil.example/"/>', '<video src="x"></video>',
  '<ScRiPt>alert(1)</ScRiPt>', '<math><mi>x</mi></math>', '<!--x--><script/>', '<![CDATA[<script/>]]>', '&evil;', '<p>x', '<b><i>x</b></i>',
]

const rows: readonly Row[] = [...syntax, ...twoReadings, ...prototypes, ...tooMuch, ...shapes]

/** A plan with this in its narrative, and as its title. */
export const planWithScript = (script: string): string =>
  JSON.stringify({
    ...sample,
    title: script,
    text: { status: 'additional', div: `<div xmlns="http://www.w3.org/1999/xhtml">${script}${CANARY}</div>` },
  })

export const jsonBodies: readonly Attack[] = rows.map(([title, body = '', code = 'body-malformed']) => ({
  title: `body: ${title}`,
  method: 'POST',
  path: '/fhir/CarePlan',
  type: 'application/fhir+json',
  body,
  code,
}))
