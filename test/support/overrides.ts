/** Breaking the glass as a test does it. The authorisation number is made up, and nobody's. */
import type { Parameters, ParametersParameter } from '@medplum/fhirtypes'
import { sandboxCitizens } from '#sandbox/identities.ts'
import { type Received, sendRaw } from './http.ts'

export const physician = { system: 'https://autregweb.sst.dk', value: '0XX99' } as const

type Change = Readonly<Record<string, Omit<ParametersParameter, 'name'> | undefined>>

const given: Change = {
  patient: { valueIdentifier: { ...sandboxCitizens.elmer } },
  person: { valueIdentifier: { ...physician } },
  ground: {
    valueCoding: {
      system: 'https://sluse.example/fhir/CodeSystem/override-ground',
      code: 'patient-unreachable',
    },
  },
  reason: { valueString: 'Bevidstløs i modtagelsen, ukendt medicin' },
}

/** Undefined leaves a parameter out. */
export function overrideParameters(change: Change = {}): Parameters {
  const parameter = Object.entries({ ...given, ...change }).flatMap(([name, value]) =>
    value === undefined ? [] : [{ name, ...value }],
  )
  return { resourceType: 'Parameters', parameter }
}

export function breakGlass(baseUrl: string, token: string, parameters: object): Promise<Received> {
  return sendRaw(baseUrl, '/fhir/Consent/$override', {
    method: 'POST',
    token,
    type: 'application/fhir+json',
    body: JSON.stringify(parameters),
  })
}

/** The grant, as the header takes it. */
export function grantIn(answer: Received): string {
  const { parameter } = answer.json() as Parameters
  const grant = parameter?.find(({ name }) => name === 'override')?.valueUuid
  if (!grant) throw new Error(`HTTP ${answer.status} without a grant: ${answer.text.slice(0, 400)}`)
  return grant
}
