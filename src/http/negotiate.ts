/** The answer's format: JSON of FHIR 4.0, or nothing. https://hl7.org/fhir/R4/http.html#mime-type */
import type { NextFunction, Request, Response } from 'express'
import { GatewayError } from '#fhir/gateway-error.ts'
import { isR4, isUtf8, readMediaType } from './media-type.ts'
import { queryOf } from './request.ts'

const JSON_TYPES: ReadonlySet<string> = new Set([
  'application/fhir+json',
  'application/json',
  'text/json',
  'application/*',
  '*/*',
])
const JSON_FORMATS: ReadonlySet<string> = new Set([
  'json',
  'application/fhir+json',
  'application/json',
  'text/json',
])
/** More alternatives than any client sends; each is read. */
const MAX_ALTERNATIVES = 50

/** For every address under `/fhir`: `_format` in the URL goes before the header. */
export function negotiate(request: Request, _response: Response, next: NextFunction): void {
  const query = queryOf(request)
  const formats = query === '' ? [] : new URLSearchParams(query).getAll('_format')
  if (formats.length > 0) requireFormats(formats)
  else requireAccepted(request.get('accept'))
  next()
}

/** https://hl7.org/fhir/R4/http.html#parameters: `_format`, of a URL or a form, overrides Accept. */
export function requireFormats(formats: readonly string[]): void {
  for (const format of formats) {
    // A `+` that was not encoded arrives as a blank.
    const media = readMediaType(format.replace(' ', '+'))
    const known = media === undefined ? format.toLowerCase() : media.type
    if (!JSON_FORMATS.has(known) || (media && !(isR4(media) && isUtf8(media)))) throw notAcceptable('_format')
  }
}

function requireAccepted(accept: string | undefined): void {
  if (accept === undefined || accept.trim() === '') return
  const alternatives = accept.split(',', MAX_ALTERNATIVES).map(readMediaType)
  const served = alternatives.some(
    (media) =>
      media !== undefined &&
      JSON_TYPES.has(media.type) &&
      isWanted(media.parameters.get('q')) &&
      isR4(media) &&
      isUtf8(media),
  )
  if (!served) throw notAcceptable('http:Accept')
}

/** https://www.rfc-editor.org/rfc/rfc9110#section-12.4.2: `q=0` means "not this". */
function isWanted(quality: string | undefined): boolean {
  return quality === undefined || !/^0(\.0{0,3})?$/.test(quality)
}

function notAcceptable(expression: string): GatewayError {
  return new GatewayError({
    code: 'not-acceptable',
    expression,
    text: 'answers are `application/fhir+json` of FHIR 4.0, in UTF-8; ask for that, or leave it out',
  })
}
