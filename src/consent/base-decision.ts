/** Whether a consent permits or denies outside its exceptions. https://hl7.org/fhir/R4/consent-definitions.html#Consent.policyRule */
import { ACT_CODE_SYSTEM } from '#label/code-system.ts'
import { type Code, type Fields, isFields } from './element-reader.ts'
import { typeOf } from './rule.ts'

type Effect = 'permit' | 'deny' | undefined

/** The three places that may tell it. Where they disagree the deny holds, and nothing is permitted. */
export interface Base {
  readonly effect: Effect
  readonly isContradictory: boolean
}

/** `decision` is where R5 has it. https://hl7.org/fhir/R5/consent-definitions.html#Consent.decision */
export function baseOf({ provision, decision }: Fields, policyRule: readonly Code[]): Base {
  const told = [
    isFields(provision) ? typeOf(provision) : undefined,
    policyEffect(policyRule),
    typeOf({ type: decision }),
  ].filter((effect) => effect !== undefined)
  const isContradictory = told.includes('deny') && told.includes('permit')
  return { effect: isContradictory ? 'deny' : told[0], isContradictory }
}

const policyEffects: ReadonlyMap<string | undefined, 'permit' | 'deny'> = new Map([
  ['OPTIN', 'permit'],
  ['OPTINR', 'permit'],
  ['OPTOUT', 'deny'],
  ['OPTOUTE', 'deny'],
])

/** Codes of other kinds, such as the law that the consent rests on, set no base. */
function policyEffect(policyRule: readonly Code[]): Effect {
  const effects = policyRule
    .filter(({ system }) => system === ACT_CODE_SYSTEM)
    .flatMap(({ code }) => policyEffects.get(code) ?? [])
  return effects.includes('deny') ? 'deny' : effects[0]
}
