import type { Consent } from '@medplum/fhirtypes'
import { describe, expect, test } from 'vitest'
import { unknownParties } from '#capture/unknown-parties.ts'
import { mergePatch } from '#test/merge-patch.ts'
import { consent } from './base-consent.ts'

const [actor] = consent.provision.actor
const named = (reference: object) => ({ ...actor, reference })
const known = named({ identifier: { system: 'urn:sor', value: 'gp' } })
const misspelt = named({ identifier: { system: 'urn:sor', value: 'pg' } })
const isKnown = ({ identifier }: { identifier?: { value?: string } }): boolean => identifier?.value === 'gp'

function placesOf(patch: object): readonly (string | undefined)[] {
  const found = unknownParties(mergePatch(consent, patch) as Consent, isKnown)
  return found.map(({ expression }) => expression)
}

describe('K2: the sender is told of whom nobody here is', () => {
  test.each([
    ['one that is known', { provision: { actor: [known] } }, []],
    ['one of two', { provision: { actor: [known, misspelt] } }, ['Consent.provision.actor[1].reference']],
    [
      'a reference that nobody knows',
      { provision: { actor: [named({ reference: 'Organization/x' })] } },
      ['Consent.provision.actor[0].reference'],
    ],
    ['what the consent contains', { provision: { actor: [named({ reference: '#x' })] } }, []],
    [
      'in an exception',
      { provision: { actor: [known], provision: [{ type: 'deny', actor: [misspelt] }] } },
      ['Consent.provision.provision[0].actor[0].reference'],
    ],
    ['no provision', { provision: null }, []],
    ['an actor without anybody', { provision: { actor: [{ role: known.role }] } }, []],
  ])('%s', (_, patch, want) => {
    expect(placesOf(patch)).toEqual(want)
  })

  test('with what to do', () => {
    expect(unknownParties({ ...consent, provision: { actor: [misspelt] } } as Consent, isKnown)).toEqual([
      {
        severity: 'warning',
        expression: 'Consent.provision.actor[0].reference',
        text: 'no organisation is registered here by this reference or number: check it; until one is, a permit opens nothing for it, and a refusal may hold for others',
      },
    ])
  })
})
