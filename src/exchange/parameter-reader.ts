/** The parameters of an operation, each read by its name, with all faults told at once. https://hl7.org/fhir/R4/parameters.html */
import type { Parameters, ParametersParameter } from '@medplum/fhirtypes'
import { type Fault, GatewayError } from '#fhir/gateway-error.ts'
import { refuse } from '#intake/prepare.ts'

export interface Given {
  readonly parameter: ParametersParameter
  readonly path: string
}

export interface ParameterReader {
  /** What the parameter of this name holds; undefined when it is left out, or when its fault was noted. */
  one<T>(name: string, read: (given: Given) => T): T | undefined
  /** As `one`, and a fault when it is left out: the text says what to send. */
  required<T>(name: string, missing: string, read: (given: Given) => T): T | undefined
  many<T>(name: string, read: (given: Given) => T): readonly T[]
  /** @throws GatewayError when any fault was noted, or a parameter has no meaning here. */
  end(): void
}

export function createParameterReader(
  body: Parameters,
  names: readonly string[],
  repeatable: readonly string[],
): ParameterReader {
  const faults: Fault[] = []
  const given = (body.parameter ?? []).map((parameter, index): Given => ({
    parameter,
    path: `Parameters.parameter[${index}]`,
  }))
  const known = new Set<string>()
  for (const { parameter, path } of given) {
    const sent = parameter.name
    if (names.includes(sent) && (!known.has(sent) || repeatable.includes(sent))) {
      known.add(sent)
      continue
    }
    const text = `send ${names.map((name) => `\`${name}\``).join(', ')}${repeatable.length > 0 ? `; only ${repeatable.map((name) => `\`${name}\``).join(', ')} more than once` : ', each once'}`
    faults.push({ code: 'field-invalid', expression: `${path}.name`, text })
  }
  const attempt = <T>(one: Given, read: (given: Given) => T): readonly T[] => {
    try {
      return [read(one)]
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error
      faults.push(...error.faults)
      return []
    }
  }
  const named = (name: string): readonly Given[] => given.filter(({ parameter }) => parameter.name === name)
  const one: ParameterReader['one'] = (name, read) =>
    named(name)
      .slice(0, 1)
      .flatMap((each) => attempt(each, read))[0]
  return {
    one,
    required: (name, missing, read) => {
      if (named(name).length === 0)
        faults.push({ code: 'field-missing', expression: 'Parameters.parameter', text: missing })
      return one(name, read)
    },
    many: (name, read) => named(name).flatMap((each) => attempt(each, read)),
    end: () => refuse(faults),
  }
}
