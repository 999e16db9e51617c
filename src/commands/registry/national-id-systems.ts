/** The kinds of national ids, by the names that an operator knows them by. */
import { personSystem } from '#fhir/person-identifier.ts'

export type NationalIdName = keyof typeof personSystem

export function nationalIdSystem(name: NationalIdName): string {
  return personSystem[name]
}

export function nationalIdName(system: string): string {
  return Object.entries(personSystem).find(([, value]) => value === system)?.[0] ?? system
}
