import { describe, expect, test } from 'vitest'
// oxlint-disable-next-line import/no-relative-parent-imports -- no folder imports the commands, so they have no name to be imported by
import { createCaseDecider } from '../../src/commands/decide-case.ts'
import { wireBase, wireCases } from './wire-cases.ts'

const decideCase = createCaseDecider()

function decided(file: object): string {
  const { effect, reason } = decideCase(new TextEncoder().encode(JSON.stringify(file)))
  return `${effect} ${reason}`
}

describe('a case in the wire form', () => {
  test.each(wireCases)('$clause: $title', ({ file, want }) => {
    const { request, ...members } = file
    const { consents, ...asked } = { ...wireBase, ...members, request: { ...wireBase.request, ...request } }
    expect(decided({ consents, ...asked })).toBe(want)
    expect(decided({ consents: [...consents].reverse(), ...asked })).toBe(want)
  })
})
