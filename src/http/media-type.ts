/** Media types as they are sent and asked for. https://www.rfc-editor.org/rfc/rfc9110#section-8.3 */

export interface MediaType {
  /** In lower case, without parameters. */
  readonly type: string
  /** Names in lower case, values without quotes. */
  readonly parameters: ReadonlyMap<string, string>
}

const TOKEN = String.raw`[!#$%&'*+.^_\`|~0-9A-Za-z-]+`
const TYPE = new RegExp(`^(${TOKEN}/${TOKEN})[ \\t]*(?:;|$)`)
const PARAMETER = new RegExp(`^[ \\t]*(?:(${TOKEN})=(?:(${TOKEN})|"([^"\\\\]*)"))?[ \\t]*(?:;|$)`)

/** Undefined for what is no media type, or has a parameter twice. */
export function readMediaType(text: string): MediaType | undefined {
  const head = TYPE.exec(text.trim())
  if (!head) return undefined
  const parameters = new Map<string, string>()
  let rest = text.trim().slice(head[0].length)
  while (rest !== '') {
    const found = PARAMETER.exec(rest)
    if (!found) return undefined
    const [all, name, bare, quoted] = found
    if (name !== undefined) {
      if (parameters.has(name.toLowerCase())) return undefined
      parameters.set(name.toLowerCase(), bare ?? quoted ?? '')
    }
    rest = rest.slice(all.length)
  }
  return { type: head[1]?.toLowerCase() ?? '', parameters }
}

/** JSON is UTF-8 (https://www.rfc-editor.org/rfc/rfc8259#section-8.1), of which US-ASCII is a part. */
export function isUtf8({ parameters }: MediaType): boolean {
  const charset = parameters.get('charset')?.toLowerCase()
  return charset === undefined || charset === 'utf-8' || charset === 'utf8' || charset === 'us-ascii'
}

/** https://hl7.org/fhir/R4/http.html#version-parameter: the major and minor version, some write the patch too. */
export function isR4({ parameters }: MediaType): boolean {
  const version = parameters.get('fhirversion')
  return version === undefined || version === '4.0' || version === '4.0.1'
}
