import { tryGetDataType } from '@medplum/core'

/** An element of a FHIR type, as far as the engine knows it: https://hl7.org/fhir/R4/structuremap.html */
export interface TargetElement {
  readonly isList: boolean
  /** Its type, undefined where the element has several and none is named. */
  readonly type: string | undefined
  /** One of several types, as in `onsetPeriod`: the engine does not look it up. */
  readonly isChoice: boolean
}

/** Whether the definitions of the type were indexed: without them the engine takes every element for single. */
export function isKnownType(type: string): boolean {
  return tryGetDataType(type) !== undefined
}

/** The element as a resource names it (`onsetDateTime` for a choice); undefined when the type has none of that name. */
export function targetElement(type: string, name: string): TargetElement | undefined {
  const elements = tryGetDataType(type)?.elements ?? {}
  const found = Object.hasOwn(elements, name) ? elements[name] : undefined
  if (found) {
    const only = found.type.length === 1 ? found.type[0]?.code : undefined
    return { isList: found.isArray === true, type: only, isChoice: false }
  }
  if (name === 'resourceType') return { isList: false, type: 'code', isChoice: false }
  for (const [key, element] of Object.entries(elements)) {
    if (!key.endsWith('[x]') || !name.startsWith(key.slice(0, -3))) continue
    const suffix = name.slice(key.length - 3)
    const choice = element.type.find(({ code }) => capitalized(code) === suffix)
    if (choice) return { isList: false, type: choice.code, isChoice: true }
  }
  return undefined
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
