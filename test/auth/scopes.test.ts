import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Scope, ScopeInteraction } from '#auth/scopes.ts'
import { allows, covers, filtersOf, narrow, parseScope, parseScopes } from '#auth/scopes.ts'

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

  const narrowed: readonly [text: string, clauses: string[][]][] = [
    ['system/CarePlan.rs?status=active', [['status=active']]],
    ['system/CarePlan.rs?status=active,on-hold', [['status=active', 'status=on-hold']]],
    ['system/CarePlan.rs?status=active&intent=plan', [['status=active'], ['intent=plan']]],
    [
      'system/CarePlan.rs?category=http://snomed.info/sct|734163000',
      [['category=http://snomed.info/sct|734163000']],
    ],
    [
      'system/CarePlan.rs?category=http%3A%2F%2Fsnomed.info%2Fsct%7C734163000',
      [['category=http://snomed.info/sct|734163000']],
    ],
    ['system/CarePlan.rs?category=|a', [['category=a']]],
  ]
  test.each(narrowed)('%s', (text, clauses) => {
    expect(parseScope(text)).toEqual({ resourceType: 'CarePlan', interactions: ['r', 's'], clauses })
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
    ['system/CarePlan.rs?', 'an empty query'],
    ['system/CarePlan.rs?status', 'no value'],
    ['system/CarePlan.rs?status=', 'an empty value'],
    ['system/CarePlan.rs?status=active,', 'an empty value in a list'],
    ['system/CarePlan.rs?status=|', 'no code after the bar'],
    ['system/CarePlan.rs?status:not=active', 'a modifier'],
    ['system/CarePlan.rs?patient=a', 'a parameter that is no token'],
    ['system/CarePlan.rs?_id=a', 'a parameter of every type'],
    ['system/CarePlan.rs?nosuch=a', 'an unknown parameter'],
    ['system/CarePlan.rs?status=active&nosuch=a', 'an unknown parameter beside a known one'],
    ['system/CarePlan.rs?status=%zz', 'a broken escape'],
    ['system/CarePlan.rs?status=a%00', 'what PostgreSQL cannot hold'],
    ['system/CarePlan.rs?status=a%0A', 'a line end'],
    [`system/CarePlan.rs?status=${'a'.repeat(512)}`, 'more than 512 characters'],
    [`system/CarePlan.rs?status=${'a,'.repeat(20)}a`, 'more than 20 values'],
    [`system/CarePlan.rs?${Array.from({ length: 6 }, () => 'status=a').join('&')}`, 'more than 5 parameters'],
    ['system/CarePlan.read?status=active', 'a v1 form with a query'],
    ['system/*.rs?status=active', 'a query on every type'],
    ['system/Subscription.rs?status=active', 'a type whose records are no citizen’s'],
    ['system/CarePlan.rs#status=active', 'a fragment'],
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
    expect(parseScopes(['system/CarePlan.dus', 'system/CarePlan.rs?nosuch=active'])).toEqual([])
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
    [['system/CarePlan.rs'], 'system/CarePlan.rs?status=active', true],
    [['system/*.rs'], 'system/CarePlan.rs?status=active', true],
    [['system/CarePlan.rs?status=active'], 'system/CarePlan.rs', false],
    [['system/CarePlan.rs?status=active'], 'system/CarePlan.rs?status=active', true],
    [['system/CarePlan.rs?status=active'], 'system/CarePlan.rs?status=on-hold', false],
    [['system/CarePlan.rs?status=active,on-hold'], 'system/CarePlan.rs?status=on-hold', true],
    [['system/CarePlan.rs?status=active'], 'system/CarePlan.rs?status=active,on-hold', false],
    [['system/CarePlan.rs?status=active'], 'system/CarePlan.rs?status=active&intent=plan', true],
    [['system/CarePlan.rs?status=active&intent=plan'], 'system/CarePlan.rs?status=active', false],
    [['system/CarePlan.rs?category=a'], 'system/CarePlan.rs?category=s|a', true],
    [['system/CarePlan.rs?category=s|a'], 'system/CarePlan.rs?category=a', false],
    [['system/CarePlan.r?status=active', 'system/CarePlan.s'], 'system/CarePlan.rs?status=active', true],
    [['system/CarePlan.r?status=active', 'system/CarePlan.s'], 'system/CarePlan.rs', false],
    [
      ['system/CarePlan.r?status=active', 'system/CarePlan.r?status=on-hold'],
      'system/CarePlan.r?status=active,on-hold',
      false,
    ],
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

  test('a registration that got a query since gives it to a token that was issued before', () => {
    const left = narrow(
      parseScopes(['system/CarePlan.rs?intent=plan']),
      parseScopes(['system/CarePlan.rs?status=active']),
    )
    expect(left).toEqual(parseScopes(['system/CarePlan.rs?intent=plan&status=active']))
    expect(
      narrow(parseScopes(['system/CarePlan.rs']), parseScopes(['system/CarePlan.r?status=active'])),
    ).toEqual(parseScopes(['system/CarePlan.r?status=active']))
  })

  // Over every resource of a small world: whatever the two say, nothing that one of them refuses comes through.
  test('a resource is within what is left only if it is within both, and within what covers it', () => {
    const code = fc.constantFrom('active', 'on-hold')
    const query = fc.oneof(
      fc.constant(''),
      fc.uniqueArray(code, { minLength: 1 }).map((codes) => `?status=${codes.join()}`),
      fc
        .tuple(code, fc.constantFrom('plan', 'order'))
        .map(([status, intent]) => `?status=${status}&intent=${intent}`),
    )
    const scope = fc
      .tuple(fc.constantFrom('CarePlan', '*'), fc.subarray([...all], { minLength: 1 }), query)
      .map(([type, letters, asked]) => `system/${type}.${letters.join('')}${type === '*' ? '' : asked}`)
    const plan = fc.record({ status: code, intent: fc.constantFrom('plan', 'order') })
    fc.assert(
      fc.property(
        fc.array(scope),
        fc.array(scope),
        plan,
        fc.constantFrom(...all),
        (granted, registered, of, doing) => {
          const tokens = new Set([`status=${of.status}`, `intent=${of.intent}`])
          const within = (scopes: readonly Scope[]): boolean =>
            filtersOf(scopes, 'CarePlan', doing).some((clauses) =>
              clauses.every((clause) => clause.some((token) => tokens.has(token))),
            )
          const [one, other] = [parseScopes(granted), parseScopes(registered)]
          const left = narrow(one, other)
          expect(within(left) && !(within(one) && within(other))).toBe(false)
          for (const asked of one)
            if (covers(other, asked)) expect(within([asked]) && !within(other)).toBe(false)
        },
      ),
    )
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
