import { Message } from 'node-hl7-client'
import { describe, expect, test } from 'vitest'
import { buildAck } from '#adapters/hospital/build-ack.ts'
import { errors } from '#fhir/gateway-error.ts'

const now = new Date('2026-03-01T11:00:02.345Z')
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const message = bytes(
  'MSH|^~\\&|EPJ|PSYK^265161000016000^SOR|SLUSE|GATE|20260301120001+0100||ADT^A01^ADT_A01|MSG-1|T|2.5.1\rPID|1||2509479989^^^CPR^NNDN',
)

test('an accepted message is answered to its sender, by its own control id', () => {
  expect(buildAck(message, 'AA', undefined, now, 'ACK-1')).toBe(
    'MSH|^~\\&|SLUSE|GATE|EPJ|PSYK^265161000016000^SOR|20260301110002.345+0000||ACK^A01^ACK|ACK-1|T|2.5.1||||||UNICODE UTF-8\rMSA|AA|MSG-1\r',
  )
})

test('a refused one is told the field, our code and what to do', () => {
  const fault = { code: 'field-missing', text: 'a | b & c', expression: 'PV1-19' } as const
  expect(buildAck(message, 'AE', fault, now, 'ACK-1').split('\r').slice(1)).toEqual([
    'MSA|AE|MSG-1',
    'ERR||PV1^1^19|101^^HL70357|E|field-missing^^https://sluse.example/fhir/CodeSystem/gateway-error|||a \\F\\ b \\T\\ c',
    '',
  ])
})

const ackAt = (expression: string | undefined): string =>
  buildAck(
    message,
    'AR',
    { code: 'store-unavailable', text: 't', ...(expression === undefined ? {} : { expression }) },
    now,
  )

test('a fault outside the message has no location, and a segment is a location', () => {
  expect(ackAt(undefined)).toContain('\rERR|||206^^HL70357|E|store-unavailable^^')
  expect(ackAt('PID')).toContain('\rERR||PID^1|206^^HL70357|E|store-unavailable^^')
})

test.each(['', 'garbage', '{"a":1}', 'MSH', 'MSH|^~\\$|X|Y'])(
  'a body without a readable header (%j) is answered as well',
  (body) => {
    expect(buildAck(bytes(body), 'AE', { code: 'body-malformed', text: 't' }, now, 'ACK-1')).toBe(
      'MSH|^~\\&|||||20260301110002.345+0000||ACK|ACK-1|P|2.5.1||||||UNICODE UTF-8\rMSA|AE|\rERR|||100^^HL70357|E|body-malformed^^https://sluse.example/fhir/CodeSystem/gateway-error|||t\r',
    )
  },
)

test('another implementation reads it', () => {
  const ack = new Message({
    text: buildAck(
      message,
      'AE',
      { code: 'code-unknown', text: 'send `I`', expression: 'PV1-2' },
      now,
      'ACK-1',
    ),
  })
  expect(
    ['MSH.9.1', 'MSA.1', 'MSA.2', 'ERR.2.3', 'ERR.3.1', 'ERR.8'].map((path) => ack.get(path).toString()),
  ).toEqual(['ACK', 'AE', 'MSG-1', '2', '103', 'send `I`'])
})

describe('the patient is never in it', () => {
  test.each(Object.keys(errors))('%s', (code) => {
    const known = Object.keys(errors).find((each): each is keyof typeof errors => each === code)
    if (!known) throw new Error('unreachable')
    expect(buildAck(message, 'AE', { code: known, text: 't', expression: 'PID-3' }, now)).not.toContain(
      '2509479989',
    )
  })
})
