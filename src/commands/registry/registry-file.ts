/** Organisations and clients as an operator writes them down; a command's flags are a file of one entry. */
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js'
import type { OrganizationSchemeName } from '#fhir/organization-identifier.ts'
import { describe, describeCode, type Fault, GatewayError } from '#fhir/gateway-error.ts'
import type { NationalIdName } from './national-id-systems.ts'
import schema from './registry-file.schema.json' with { type: 'json' }

export interface RegistryFile {
  readonly organizations?: readonly OrganizationEntry[]
  readonly clients?: readonly ClientEntry[]
}

/** What is left out stays as it is registered, or has its default. */
export interface OrganizationEntry {
  readonly id?: string
  readonly name?: string
  readonly sector?: 'hospital' | 'municipality' | 'gp' | 'oversight'
  readonly jurisdiction?: 'DK' | 'NO'
  readonly timeZone?: string
  readonly unitType?: string
  readonly identifiers?: Readonly<Partial<Record<OrganizationSchemeName, string | readonly string[]>>>
  readonly partOf?: string | null
  readonly sensitivities?: readonly string[]
  readonly endpoints?: readonly string[]
  readonly nationalIdSystems?: readonly NationalIdName[]
}

export interface ClientEntry {
  readonly id: string
  readonly organization?: string
  readonly profile?: 'smart' | 'udap' | 'helseid'
  readonly keys?: object
  readonly keysFile?: string
  readonly jwksUrl?: string
  readonly tokenIssuer?: string
  readonly resourceServer?: boolean
  readonly assertionAlgorithms?: readonly string[]
  readonly scopes?: readonly string[]
  readonly purposesOfUse?: readonly string[]
  readonly mayOverride?: boolean
  readonly addressRanges?: readonly string[]
}

/** Where a field of an entry stands, for who has to correct it: `organizations[2].name`, or `--name`. */
export type Place = (field: string) => string

export function placeInFile(list: keyof RegistryFile, index: number): Place {
  return (field) => (field === '' ? `${list}[${index}]` : `${list}[${index}].${field}`)
}

/** Each flag is the last name of its field: `identifiers.herId` is `--her-id`. */
export const placeOfFlag: Place = (field) =>
  `--${(
    field
      .replaceAll(/\[\d+\]/g, '')
      .split('.')
      .at(-1) ?? ''
  ).replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`

/** The id of a client is no flag but the command's argument. */
export const placeOfClientFlag: Place = (field) => (field === 'id' ? 'ID' : placeOfFlag(field))

const isRegistryFile = new Ajv2020({
  allErrors: true,
  strictTypes: false,
  verbose: true,
}).compile<RegistryFile>(schema)

/** @throws with every fault of the form at once. */
export function readRegistryFile(content: unknown, place?: Place): RegistryFile {
  if (isRegistryFile(content)) return content
  const faults = (isRegistryFile.errors ?? [])
    .filter(({ keyword }) => keyword !== 'anyOf')
    .map((error) => faultOf(error, place))
  const [first, ...others] = faults
  throw new GatewayError([
    first ?? { code: 'field-invalid', text: 'the file is no registry file' },
    ...others,
  ])
}

function faultOf({ keyword, instancePath, params, data }: ErrorObject, place: Place | undefined): Fault {
  const pointed = instancePath
    .slice(1)
    .replaceAll(/\/(\d+)/g, '[$1]')
    .replaceAll('/', '.')
  const inner = pointed.replace(/^(organizations|clients)\[\d+\]\.?/, '')
  const at = (name = ''): string => {
    const field = [place ? inner : pointed, name].filter((part) => part !== '').join('.')
    return place ? place(field) : field === '' ? '$' : field
  }
  const given: Readonly<Record<string, unknown>> = params
  switch (keyword) {
    case 'required':
      return {
        code: 'field-missing',
        expression: at(String(given['missingProperty'])),
        text: 'found nothing; it is needed here',
      }
    case 'additionalProperties':
      return {
        code: 'field-invalid',
        expression: at(),
        text: `found a field ${describeCode(given['additionalProperty'])} that there is not; correct its name or take it out`,
      }
    case 'enum':
      return {
        code: 'code-unknown',
        expression: at(),
        text: `found ${describeCode(data)}; send one of ${(given['allowedValues'] as readonly string[]).join(', ')}`,
      }
    case 'type':
      return {
        code: 'field-invalid',
        expression: at(),
        text: `found ${describe(data)}; send a value of type ${String(given['type'])}`,
      }
    default:
      return {
        code: 'field-invalid',
        expression: at(),
        text: `found ${describe(data)}; ${asked(keyword, given, inner)}`,
      }
  }
}

function asked(keyword: string, given: Readonly<Record<string, unknown>>, field: string): string {
  switch (keyword) {
    case 'minLength':
    case 'minItems':
    case 'minProperties':
      return `send at least ${String(given['limit'])}`
    case 'maxLength':
    case 'maxItems':
      return `send at most ${String(given['limit'])}`
    case 'uniqueItems':
      return 'name each once'
    case 'pattern':
      return field === 'id'
        ? 'send a UUID of an organisation in small letters, or a client id of 3 to 64 letters, digits, `.`, `_` and `-` that begins with a letter'
        : 'send it in the form that the schema says'
    default:
      return 'send it as the schema says'
  }
}
