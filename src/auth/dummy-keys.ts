import type { JWK } from 'jose'
import type { AssertionAlgorithm } from './algorithms.ts'

const rsa: JWK = {
  kty: 'RSA',
  n: 'xWpxziFLCgicM6R4-V_HXvuaGDsb3DYgJUyJmYVlERMZ_5rb-LY9RZqPuWerNhG-V485TtRWbLLy28zMoD_AoZzDEX6qJY4d4WU2f50P_D6f69sE5Efc551VzIMq-DxqMQiuQlelm9XuvEart4bEyB4IF-L_o72aMrp7yc4n_JpF3w6sIc17PeBF0nPqOOfy9mispe5VFqIjN9rc_2k0qTsY26dgJ-vzPWmasE1GXdFEjxqpKLhsbcd6mZgHJBq2x5llsZLJYcORetbo3ofbtk0osqJMfNvz2D4OaeWTuOlSg-t_ihgRuqnEHiCDOR8OVq-Hp-Jhcn3lvMWK-T7FfQ',
  e: 'AQAB',
}

/**
 * Keys of nobody. An assertion of an unknown client is verified against one of them and refused whatever comes out, so
 * that neither the answer nor its duration tells whether a client exists.
 */
export const dummyKeys: Readonly<Record<AssertionAlgorithm, JWK>> = {
  ES384: {
    kty: 'EC',
    crv: 'P-384',
    x: 'JeKKEeWloUMxZHwWkIRpN_w6Z-TDU8iOI_q6_FHdkhVFpjH5GN7dD-QZJNTPSXM6',
    y: '8RTUatWsDml9adsHzX0kb_sd2EvL6UmMH53HL5179AkaqSEY6vVckhvmdBks9o8N',
  },
  ES256: {
    kty: 'EC',
    crv: 'P-256',
    x: 's_HwTHfpGQEQoxdycPkDeOImYqtdcWERB3LyJXl5st0',
    y: 'am9eQiAkHd8SATWq-9R5PI3lXaVdVmUjbQz-t93WR5E',
  },
  RS384: rsa,
  RS256: rsa,
  PS256: rsa,
}
