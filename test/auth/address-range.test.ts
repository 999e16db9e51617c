/** Which addresses are in which range, and what is no range at all. RFC 4632, RFC 4291. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isAllowedAddress, readAddressRange } from '#auth/address-range.ts'

const noRange = 'this is no address range; write it as `192.0.2.0/24` or `2001:db8::/32`'
const inside = (given: string, range: string) => ({
  range,
  warning: `\`${given}\` is an address inside its range; registered as \`${range}\``,
})

// prettier-ignore
test.each([
  ['a range', '192.0.2.0/24', { range: '192.0.2.0/24' }],
  ['an address', '192.0.2.7', { range: '192.0.2.7/32' }],
  ['an IPv6 range', '2001:db8::/32', { range: '2001:db8::/32' }],
  ['an IPv6 range in full', '2001:0db8:0000::/48', { range: '2001:db8::/48' }],
  ['an IPv6 address', '2001:db8::7', { range: '2001:db8::7/128' }],
  ['an address inside its range', '192.0.2.77/24', inside('192.0.2.77/24', '192.0.2.0/24')],
  ['an IPv6 address inside its range', '2001:db8::77/64', inside('2001:db8::77/64', '2001:db8::/64')],
  ['everything', '0.0.0.0/0', { fault: 'this is every address; leave address ranges out where the client may come from anywhere' }],
  ['everything in IPv6', '::/0', { fault: 'this is every address; leave address ranges out where the client may come from anywhere' }],
  ['too many bits', '192.0.2.0/33', { fault: noRange }],
  ['too many bits of IPv6', '2001:db8::/129', { fault: noRange }],
  ['no bits', '192.0.2.0/', { fault: noRange }],
  ['three parts', '10.1.2/24', { fault: noRange }],
  ['octal', '010.1.2.0/24', { fault: noRange }],
  ['a number', '17', { fault: noRange }],
  ['a name', 'ehr.hospital.example', { fault: noRange }],
  ['nothing', '', { fault: noRange }],
  ['a list', '192.0.2.0/24,198.51.100.0/24', { fault: noRange }],
])('%s', (_title, text, expected) => {
  expect(readAddressRange(text)).toEqual(expected)
})

// prettier-ignore
test.each([
  ['no ranges: from anywhere', [], '203.0.113.9', true],
  ['no ranges: from nowhere too', [], 'unknown', true],
  ['the first of the range', ['192.0.2.0/25'], '192.0.2.0', true],
  ['the last of the range', ['192.0.2.0/25'], '192.0.2.127', true],
  ['the next after it', ['192.0.2.0/25'], '192.0.2.128', false],
  ['the one before it', ['192.0.2.0/25'], '192.0.1.255', false],
  ['in the second range', ['192.0.2.0/25', '198.51.100.0/24'], '198.51.100.3', true],
  ['IPv4 over an IPv6 socket', ['192.0.2.0/25'], '::ffff:192.0.2.5', true],
  ['IPv6 in its range', ['2001:db8::/33'], '2001:db8:7fff::1', true],
  ['IPv6 after its range', ['2001:db8::/33'], '2001:db8:8000::1', false],
  ['IPv6 where IPv4 is allowed', ['192.0.2.0/25'], '2001:db8::1', false],
  ['an address that is none', ['192.0.2.0/25'], 'unknown', false],
  ['no address', ['192.0.2.0/25'], '', false],
  ['a range that cannot be read has nothing in it', ['192.0.2.0/25x'], '192.0.2.5', false],
])('%s', (_title, ranges, address, expected) => {
  expect(isAllowedAddress(ranges, address)).toBe(expected)
})

test('what is read is what is allowed: an address is in its own range, and in no other of its size', () => {
  fc.assert(
    fc.property(fc.ipV4(), fc.integer({ min: 1, max: 32 }), (address, bits) => {
      const read = readAddressRange(`${address}/${bits}`)
      if ('fault' in read) throw new Error(read.fault)
      expect(isAllowedAddress([read.range], address)).toBe(true)
      const [first = '0', ...rest] = address.split('.')
      // The highest bit is in every range.
      expect(isAllowedAddress([read.range], [String(Number(first) ^ 128), ...rest].join('.'))).toBe(false)
    }),
  )
})
