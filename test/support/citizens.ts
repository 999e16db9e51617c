/** Citizens whom no other test knows: synthetic numbers, which no register gives to anybody (80 is added to the month). */
import { personSystem } from '#fhir/person-identifier.ts'

export function syntheticCitizen(n: number): { readonly system: string; readonly value: string } {
  for (let individual = n * 7; ; individual++) {
    const value = controlled(`158385${String(individual % 500).padStart(3, '0')}`)
    if (value !== undefined && value !== '15838510156') return { system: personSystem.fnr, value }
  }
}

/** Both control digits of a fødselsnummer, modulus 11. */
function controlled(nine: string): string | undefined {
  const digit = (text: string, weights: readonly number[]): number =>
    (11 - (weights.reduce((sum, weight, at) => sum + weight * Number(text[at]), 0) % 11)) % 11
  const first = digit(nine, [3, 7, 6, 1, 8, 9, 4, 5, 2])
  const second = digit(`${nine}${first}`, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2])
  return first === 10 || second === 10 ? undefined : `${nine}${first}${second}`
}
