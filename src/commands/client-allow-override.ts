import { type Fault, GatewayError } from '#fhir/gateway-error.ts'
import { isNationalIdSystem, type PersonOnDuty } from '#store/overrides.ts'
import { changeClient } from './registry/change-client.ts'
import { isPersonal } from './registry/is-personal.ts'
import { type ChangeOptions, type RegistryIo, runChange } from './registry/run.ts'

export interface OverrideFlags extends ChangeOptions {
  readonly person?: readonly string[]
  readonly none?: true
}

/** `sluse client allow-override`: whoever is not named any more is out at once, with grants that are open. */
export async function allowOverride(io: RegistryIo, id: string, flags: OverrideFlags): Promise<void> {
  await runChange(io, flags, async (registering) => {
    const persons = readPersons(flags)
    const lines = await changeClient(registering, id, 'changed', (before) => ({
      ...before,
      mayOverride: persons.length > 0,
      overridePersons: persons,
    }))
    return {
      lines: [
        ...lines,
        persons.length === 0
          ? 'nobody may break the glass through it'
          : `${persons.length} may break the glass through it; reviews arrive at the organisations whose records are opened, which need a client with system/Task.rus`,
      ],
      warnings: [],
    }
  })
}

function readPersons({ person = [], none }: OverrideFlags): readonly PersonOnDuty[] {
  const faults: Fault[] = []
  if (none === true ? person.length > 0 : person.length === 0)
    faults.push({
      code: 'field-missing',
      expression: '--person',
      text: 'say who may, each as system|number, or --none',
    })
  const persons = person.flatMap((text) => {
    const at = text.indexOf('|')
    const [system, value] = [text.slice(0, Math.max(at, 0)), text.slice(at + 1)]
    // The number would stand in every review.
    if (isNationalIdSystem(system) || isPersonal(value))
      faults.push({
        code: 'field-invalid',
        expression: '--person',
        text: 'found a national id; name a person by authorisation number',
      })
    else if (!URL.canParse(system) || !/^[\w-]{1,32}$/.test(value))
      faults.push({
        code: 'field-invalid',
        expression: '--person',
        text: 'found no authorisation number; write it as system|number, such as `https://autregweb.sst.dk|0XX99`',
      })
    else return [{ system, value }]
    return []
  })
  const [first, ...others] = faults
  if (first) throw new GatewayError([first, ...others])
  return persons
}
