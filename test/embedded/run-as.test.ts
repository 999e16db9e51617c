import { expect, test } from 'vitest'
import { chooseRunAs, dropToUser } from '#embedded/run-as.ts'

test('an ordinary user runs PostgreSQL as itself', () => {
  expect(chooseRunAs(1000)).toEqual({ prefix: [] })
})

const root = 'root:x:0:0:root:/root:/bin/bash\n'
const nobody = 'nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n'
const postgres = 'postgres:x:101:104:PostgreSQL:/var/lib/postgresql:/bin/bash\n'

test.each([
  {
    title: 'nobody when there is no better one',
    passwd: root + nobody,
    name: 'nobody',
    uid: 65534,
    gid: 65534,
  },
  { title: 'postgres before nobody', passwd: root + nobody + postgres, name: 'postgres', uid: 101, gid: 104 },
  {
    title: 'never a second name of root',
    passwd: `${root}postgres:x:0:0::/:/bin/sh\n${nobody}`,
    name: 'nobody',
    uid: 65534,
    gid: 65534,
  },
  {
    title: 'never a user without a readable id',
    passwd: `${root}node:x:::/:/bin/sh\n${nobody}`,
    name: 'nobody',
    uid: 65534,
    gid: 65534,
  },
])('root drops to $title', ({ passwd, name, uid, gid }) => {
  expect(dropToUser(passwd)).toEqual({ prefix: [], user: { name, uid, gid } })
})

test('root without anybody to become is told what to do', () => {
  expect(() => dropToUser(root)).toThrow(
    expect.objectContaining({
      code: 'cannot-run',
      message: expect.stringContaining('start as an ordinary user'),
    }),
  )
})
