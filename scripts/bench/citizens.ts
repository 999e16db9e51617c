/** Synthetic Norwegian citizens as Tenor makes them: month + 80, so that no number can be a person's. */

const K1 = [3, 7, 6, 1, 8, 9, 4, 5, 2]
const K2 = [5, 4, 3, 2, 7, 6, 5, 4, 3, 2]

export const FNR_SYSTEM = 'urn:oid:2.16.578.1.12.4.1.4.1'

export function syntheticCitizens(count: number): string[] {
  const numbers: string[] = []
  for (let serial = 0; numbers.length < count; serial += 1) {
    const day = 1 + (serial % 28)
    const month = 81 + (Math.floor(serial / 28) % 12)
    const individual = Math.floor(serial / 336) % 500
    const number = withControlDigits(`${pad(day, 2)}${month}60${pad(individual, 3)}`)
    if (number) numbers.push(number)
  }
  return numbers
}

function withControlDigits(nine: string): string | undefined {
  const first = controlDigit(nine, K1)
  if (first === undefined) return undefined
  const second = controlDigit(`${nine}${first}`, K2)
  return second === undefined ? undefined : `${nine}${first}${second}`
}

/** Modulus 11; a number whose digit would be 10 is never issued. */
function controlDigit(digits: string, weights: readonly number[]): number | undefined {
  const rest = weights.reduce((sum, weight, i) => sum + weight * Number(digits[i]), 0) % 11
  const digit = rest === 0 ? 0 : 11 - rest
  return digit === 10 ? undefined : digit
}

function pad(value: number, length: number): string {
  return String(value).padStart(length, '0')
}
