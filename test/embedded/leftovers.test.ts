import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { clearLeftovers } from '#embedded/leftovers.ts'
import { processesIn } from '#embedded/live-processes.ts'
import { temporaryFolder, until } from './fixture.ts'

async function worker(folder: string, script: string) {
  const child = spawn('/bin/sh', ['-c', script], { cwd: folder, stdio: ['pipe', 'ignore', 'ignore'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  await until(() => processesIn(folder).length > 0)
  return child
}

function pidFile(folder: string, pid: number | undefined): string {
  const file = join(folder, 'postmaster.pid')
  writeFileSync(file, `${pid}\n${folder}\n`)
  return file
}

const silent = () => {}

test('nobody there: the pid file goes, whatever it says', async () => {
  for (const content of ['', 'x', '-1', '0', '1', `${process.pid}`]) {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'postmaster.pid'), content)
    await clearLeftovers(folder, silent)
    expect(existsSync(join(folder, 'postmaster.pid'))).toBe(false)
  }
})

test('a folder that is not there has nobody in it', async () => {
  await clearLeftovers(join(temporaryFolder(), 'absent'), silent)
})

test('a living postmaster in the folder is asked with SIGINT and waited for', async () => {
  const folder = temporaryFolder()
  const child = await worker(folder, 'read -r _')
  const file = pidFile(folder, child.pid)
  const ended = once(child, 'exit')
  await clearLeftovers(folder, silent)

  expect(await ended).toEqual([null, 'SIGINT'])
  expect(existsSync(file)).toBe(false)
})

test('a living process in the folder that is not the postmaster is waited for, then refused, never signalled', async () => {
  const folder = temporaryFolder()
  const child = await worker(folder, 'read -r _')
  const file = pidFile(folder, 999_999_999)

  await expect(clearLeftovers(folder, silent, 50)).rejects.toMatchObject({
    code: 'folder-in-use',
    message: `process ${child.pid} still works in the data folder \`${folder}\`: stop it, then start again`,
  })
  expect(child.exitCode).toBeNull()
  expect(existsSync(file)).toBe(true)
})

test('the process that a pid file names, alive but at work elsewhere, is not signalled', async () => {
  const folder = temporaryFolder()
  const elsewhere = join(temporaryFolder(), 'elsewhere')
  mkdirSync(elsewhere)
  const child = await worker(elsewhere, 'read -r _')
  pidFile(folder, child.pid)
  await clearLeftovers(folder, silent)

  expect(processesIn(elsewhere)).toEqual([child.pid])
})

test('somebody else at work in the folder does not make the process that the pid file names ours', async () => {
  const folder = temporaryFolder()
  const elsewhere = temporaryFolder()
  await worker(folder, 'read -r _')
  const stranger = await worker(elsewhere, 'read -r _')
  pidFile(folder, stranger.pid)

  await expect(clearLeftovers(folder, silent, 50)).rejects.toMatchObject({ code: 'folder-in-use' })
  expect(processesIn(elsewhere)).toEqual([stranger.pid])
})
