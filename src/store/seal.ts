/**
 * National ids and other secrets at rest: AES-256-GCM with the place they belong to as additional data, and an HMAC to
 * find them by. Two keys, so that the one that finds cannot read.
 */
import { createCipheriv, createDecipheriv, createHmac, createSecretKey, randomBytes } from 'node:crypto'

export interface SealKeys {
  /** 32 bytes: HMAC-SHA-256 over system and value. */
  readonly lookup: Buffer
  /** 32 bytes: AES-256-GCM. */
  readonly seal: Buffer
}

export interface Seal {
  lookup(system: string, value: string): Buffer
  /** Layout: 1 byte version, 12 bytes nonce, 16 bytes tag, ciphertext. `place` is `table|row|column`. */
  seal(place: string, clear: Uint8Array): Buffer
  open(place: string, sealed: Buffer): Buffer
  /** A resource id that only this gateway can derive: the same source key gives the same id, a stranger cannot guess it. */
  deriveId(...parts: readonly string[]): string
}

const VERSION = 1

export function createSeal(keys: SealKeys): Seal {
  for (const [name, key] of Object.entries(keys)) {
    if (key.length !== 32) throw new Error(`the ${name} key has ${key.length} bytes; it must have 32`)
  }
  // Made once: with a Buffer, Node makes a key object for every call, at four times the cost of the call itself.
  const lookupKey = createSecretKey(keys.lookup)
  const sealKey = createSecretKey(keys.seal)
  return {
    lookup: (system, value) => createHmac('sha256', lookupKey).update(`${system}\0${value}`).digest(),
    seal: (place, clear) => {
      const nonce = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', sealKey, nonce).setAAD(Buffer.from(place))
      const text = Buffer.concat([cipher.update(clear), cipher.final()])
      return Buffer.concat([Buffer.of(VERSION), nonce, cipher.getAuthTag(), text])
    },
    open: (place, sealed) => {
      if (sealed[0] !== VERSION) throw new Error(`sealed value of unknown version ${sealed[0]}`)
      // A tag that was cut short would be accepted, and could be guessed.
      const decipher = createDecipheriv('aes-256-gcm', sealKey, sealed.subarray(1, 13), {
        authTagLength: 16,
      }).setAAD(Buffer.from(place))
      decipher.setAuthTag(sealed.subarray(13, 29))
      return Buffer.concat([decipher.update(sealed.subarray(29)), decipher.final()])
    },
    deriveId: (...parts) =>
      asUuid(
        createHmac('sha256', lookupKey)
          .update(`id\0${parts.join('\0')}`)
          .digest(),
      ),
  }
}

/** RFC 9562, version 8: 122 bits of our own making. */
function asUuid(bytes: Buffer): string {
  const b = Buffer.from(bytes.subarray(0, 16))
  b.writeUInt8((b.readUInt8(6) & 0x0f) | 0x80, 6)
  b.writeUInt8((b.readUInt8(8) & 0x3f) | 0x80, 8)
  const hex = b.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
