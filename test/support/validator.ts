import { readProfiles } from '#assets/profiles.ts'
import { createValidator } from '#fhir/validate.ts'

/** The profiles of this checkout, and the validator made from them, for every test that validates. */
export const profileAssets = readProfiles(new URL('../../', import.meta.url))
export const validator = createValidator(profileAssets)

/** `careplan`, `relatedperson`: the type in small letters. */
export function profileUrl(name: string): string {
  return `https://sluse.example/fhir/StructureDefinition/sluse-${name}`
}
