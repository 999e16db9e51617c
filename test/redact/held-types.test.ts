/** What is said of each type in several tables, held to R4 itself: a type that is added must be in all of them. */
import { describe, expect, test } from 'vitest'
import { heldTypes } from '#fhir/held-types.ts'
import { isKeptInPart, isSplittable } from '#label/unit.ts'
import { elementsShown, heading } from '#redact/narrative-words.ts'
import { hasNarrative } from '#redact/narrative.ts'
import { goesWithReference } from '#redact/what-goes-with.ts'
import { profileAssets } from '#test/validator.ts'

/** Released or withheld whole. */
const WHOLE = ['Condition', 'Consent', 'RelatedPerson']

interface Element {
  readonly name: string
  readonly min: number
  readonly isModifier: boolean
  readonly isReference: boolean
}

/** The top-level elements of a type, each form of a choice by its own name. */
function elementsOf(type: string): readonly Element[] {
  const { snapshot } = profileAssets.profiles.find((profile) => profile.type === type) ?? {}
  return (snapshot?.element ?? []).flatMap(({ path, min = 0, max, isModifier = false, type: types = [] }) => {
    const [, name] = /^\w+\.([\w[\]]+)$/.exec(path) ?? []
    if (name === undefined || max === '0') return []
    const isReference = types.some(({ code }) => code === 'Reference')
    return types.map(({ code }) => ({
      name: name.replace('[x]', code.charAt(0).toUpperCase() + code.slice(1)),
      min,
      isModifier,
      isReference,
    }))
  })
}

describe.each(heldTypes)('%s', (type) => {
  const elements = elementsOf(type)

  test('is known to R4, and split by element or whole', () => {
    expect(elements.length).toBeGreaterThan(10)
    expect(isSplittable({ resourceType: type })).toBe(!WHOLE.includes(type))
  })

  test('is never without what R4 or our profile requires, nor without what changes the meaning of the rest', () => {
    const needed = elements.filter(({ min, isModifier }) => min > 0 || isModifier).map(({ name }) => name)
    expect(needed.length).toBeGreaterThan(0)
    const kept = (name: string): boolean =>
      isKeptInPart(type, name) || goesWithReference(`${type}.${name}`) === undefined
    expect(needed.filter((name) => !kept(name))).toEqual([])
  })

  test('keeps no element that it does not have', () => {
    const written = new Set(elements.map(({ name }) => name))
    for (const word of [
      'value',
      'effective',
      'occurrence',
      'quantity',
      'asNeeded',
      'content',
      'securityLabel',
    ])
      for (const name of [word, `${word}Quantity`, `${word}DateTime`])
        if (isKeptInPart(type, name)) expect(written).toContain(name)
  })

  test('has a narrative with words for each element that it shows, all of them its own', () => {
    expect(hasNarrative(type)).toBe(true)
    const names = new Set(elements.map(({ name }) => name))
    expect(elementsShown(type).filter((name) => !names.has(name))).toEqual([])
    for (const name of elementsShown(type))
      for (const language of ['da', 'nb', 'en'] as const) expect(heading(type, name, language)).not.toBe(name)
  })

  test('does not show the citizen, nor a number by which a person is known', () => {
    for (const name of ['identifier', 'masterIdentifier', 'subject', 'patient'])
      expect(elementsShown(type)).not.toContain(name)
  })
})
