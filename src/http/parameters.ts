/** Parameters of a URL or a form, in one reading: https://url.spec.whatwg.org/#application/x-www-form-urlencoded */
import { GatewayError } from '#fhir/gateway-error.ts'

const MAX_PARAMETERS = 50

/** @throws for what `URLSearchParams` would silently put U+FFFD in place of, and for what nobody can mean. */
export function readParameters(text: string): URLSearchParams {
  let parameters = 1
  for (let at = text.indexOf('&'); at !== -1; at = text.indexOf('&', at + 1)) parameters++
  if (parameters > MAX_PARAMETERS) throw invalid(`at most ${MAX_PARAMETERS} parameters are read`)
  let decoded: string
  try {
    decoded = decodeURIComponent(text)
  } catch {
    throw invalid('a parameter is not percent-encoded UTF-8; encode it so')
  }
  // oxlint-disable-next-line no-control-regex -- these are the characters to find
  if (/[\u0000-\u001f\u007f]/.test(decoded)) throw invalid('a value holds a control character; leave it out')
  return new URLSearchParams(text)
}

/** A form's bytes; what is not UTF-8 has no other reading either. */
export function readForm(body: Uint8Array): URLSearchParams {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body)
  } catch {
    throw invalid('the form is not UTF-8; percent-encode it')
  }
  return readParameters(text)
}

function invalid(text: string): GatewayError {
  return new GatewayError({ code: 'parameter-invalid', text })
}
