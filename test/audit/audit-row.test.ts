import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type AuditEntry, auditRow } from '#audit/audit-row.ts'

const entry: AuditEntry = {
  v: 1,
  id: '0f8f5a0e-8f0c-4a57-9a55-5c1c1a3f7d21',
  kind: 'refuse',
  at: '2026-11-21T10:00:00.000Z',
  outcome: 'refused',
  reason: 'field-missing',
  requestId: 'r-134418',
}

// The bytes that an auditor hashes, with tools of his own: printf '\0%s' "$entry" | sha256sum
test('the canonical bytes are those of RFC 8785, and the leaf hash that of RFC 6962', () => {
  expect(auditRow(entry)).toEqual({
    entry,
    canonical:
      '{"at":"2026-11-21T10:00:00.000Z","id":"0f8f5a0e-8f0c-4a57-9a55-5c1c1a3f7d21","kind":"refuse","outcome":"refused","reason":"field-missing","requestId":"r-134418","v":1}',
    leafHash: '582a3907476fb7976c8b725800e5ba8b9acad81c2648a6be015362680c71c875',
  })
})

test('a leaf is not the hash of its bytes alone, which an inner node could be made to have', () => {
  const { canonical, leafHash } = auditRow(entry)
  expect(leafHash).not.toBe(createHash('sha256').update(canonical).digest('hex'))
})

test('neither the order of fields nor one that is absent changes the bytes; every other change does', () => {
  const field = fc.constantFrom('reason', 'subject', 'client', 'requestId', 'ruleSet')
  const fields = fc.uniqueArray(fc.tuple(field, fc.string()), { selector: ([name]) => name, minLength: 1 })
  fc.assert(
    fc.property(fields, fc.string(), (pairs, other) => {
      const one = auditRow({ ...entry, ...Object.fromEntries(pairs) })
      const same = auditRow({
        ...Object.fromEntries(pairs.toReversed()),
        ...entry,
        ...Object.fromEntries(pairs),
      })
      expect(same.canonical).toBe(one.canonical)
      expect(JSON.parse(one.canonical)).toEqual(one.entry)
      const [[name, value] = ['reason', '']] = pairs
      const changed = auditRow({ ...entry, ...Object.fromEntries(pairs), [name]: other })
      expect(changed.leafHash === one.leafHash).toBe(value === other)
    }),
  )
})
