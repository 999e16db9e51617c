import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ScopeInteraction } from '#auth/scopes.ts'
import { allows, covers, narrow, parseScope, parseScopes } from '#auth/scopes.ts'

const all: readonly ScopeInteraction[] = ['c', 'r', 'u', 'd', 's']

describe('parseScope', () => {
  const readable: readonly [text: string, resourceType: string, interactions: string][] = [
    ['system/CarePlan.rs', 'CarePlan', 'rs'],
    ['system/Subscription.cruds', 'Subscription', 'cruds'],
    ['system/*.r', '*', 'r'],
    ['system/CarePlan.read', 'CarePlan', 'rs'],
    ['system/CarePlan.write', 'CarePlan', 'cud'],
    ['system/CarePlan.*', 'CarePlan', 'cruds'],
    ['system/*.*', '*', 'cruds'],
  ]
  test.each(readable)('%s names %s with %s', (text, resourceType, interactions) => {
    expect(parseScope(text)).toEqual({ resourceType, interactions: interactions.split('') })
  })

  const refused: readonly [text: string, why: string][] = [
    ['', 'empty'],
    ['system/CarePlan', 'no permission'],
    ['system/CarePlan.', 'no letter'],
    ['system/CarePlan.dus', 'letters out of order'],
    ['system/CarePlan.rr', 'a letter twice'],
    ['system/CarePlan.rx', 'an unknown letter'],
    ['system/CarePlan.READ', 'upper case'],
    ['system/careplan.rs', 'no resource type'],
    ['system/CarePlan.rs?status=active', 'a query would be lost and the rest granted'],
    ['system/CarePlan.rs ', 'a trailing blank'],
    ['system/CarePlan.rs\n', 'a trailing line end'],
    ['patient/CarePlan.rs', 'a patient context'],
    ['user/CarePlan.rs', 'a user context'],
    ['launch', 'a launch context'],
    ['openid', 'a login'],
    ['offline_access', 'a refresh token'],
    ['system/*/CarePlan.rs', 'two slashes'],
  ]
  test.each(refused)('%j is not granted: %s', (text) => {
    expect(parseScope(text)).toBeUndefined()
  })
})

describe('allows', () => {
  test('no scope allows nothing', () => {
    for (const interaction of all) expect(allows([], 'CarePlan', interaction)).toBe(false)
  })

  test('a scope allows its own letters on its own type', () => {
    const scopes = parseScopes(['system/CarePlan.rs'])
    expect(all.filter((interaction) => allows(scopes, 'CarePlan', interaction))).toEqual(['r', 's'])
    expect(all.filter((interaction) => allows(scopes, 'Encounter', interaction))).toEqual([])
  })

  test('a star allows its own letters on every type', () => {
    const scopes = parseScopes(['system/*.r'])
    expect(all.filter((interaction) => allows(scopes, 'Encounter', interaction))).toEqual(['r'])
  })

  test('an unreadable scope of a registration allows nothing', () => {
    expect(parseScopes(['system/CarePlan.dus', 'system/CarePlan.rs?status=active'])).toEqual([])
  })
})

describe('covers', () => {
  const cases: readonly [registered: string[], asked: string, covered: boolean][] = [
    [['system/CarePlan.rs'], 'system/CarePlan.rs', true],
    [['system/CarePlan.rs'], 'system/CarePlan.r', true],
    [['system/CarePlan.rs'], 'system/CarePlan.cruds', false],
    [['system/CarePlan.r', 'system/CarePlan.s'], 'system/CarePlan.rs', true],
    [['system/CarePlan.rs'], 'system/*.rs', false],
    [['system/*.rs'], 'system/CarePlan.read', true],
    [['system/*.rs'], 'system/*.r', true],
    [['system/CarePlan.read'], 'system/CarePlan.rs', true],
    [[], 'system/CarePlan.r', false],
  ]
  test.each(cases)('%j and %s: %s', (registered, asked, covered) => {
    expect(parseScopes([asked]).map((scope) => covers(parseScopes(registered), scope))).toEqual([covered])
  })
})

describe('narrow', () => {
  test('a registration that lost a letter takes it from a token that was issued before', () => {
    expect(
      narrow(
        parseScopes(['system/CarePlan.cruds', 'system/Encounter.rs']),
        parseScopes(['system/CarePlan.rs']),
      ),
    ).toEqual([{ resourceType: 'CarePlan', interactions: ['r', 's'] }])
  })

  test('what is left allows only what both allow', () => {
    const type = fc.constantFrom('CarePlan', 'Encounter', 'Consent')
    const scope = fc
      .record({ type: fc.oneof(type, fc.constant('*')), letters: fc.subarray([...all], { minLength: 1 }) })
      .map(({ type: resourceType, letters }) => `system/${resourceType}.${letters.join('')}`)
    fc.assert(
      fc.property(
        fc.array(scope),
        fc.array(scope),
        type,
        fc.constantFrom(...all),
        (granted, registered, on, doing) => {
          const [grantedScopes, registeredScopes] = [parseScopes(granted), parseScopes(registered)]
          const left = allows(narrow(grantedScopes, registeredScopes), on, doing)
          expect(left && !(allows(grantedScopes, on, doing) && allows(registeredScopes, on, doing))).toBe(
            false,
          )
        },
      ),
    )
  })
})
