import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'

const alive = (pid) => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

/**
 * Waits until no other process of this repository sets up, so that two `npm start` do not install into one folder at once. The lock names its
 * holder: one that died does not hold it. Returns the release, which also runs at exit.
 */
export const locked = async (file) => {
  let told = false
  for (;;) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' })
      break
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
    const holder = Number(readHolder(file))
    if (!alive(holder)) rmSync(file, { force: true })
    else if (!told) {
      told = true
      process.stderr.write(`Waiting for another setup of this folder (process ${holder}) to end\n`)
    }
    await pause(200)
  }
  const release = () => {
    if (readHolder(file) === String(process.pid)) rmSync(file, { force: true })
  }
  process.once('exit', release)
  return release
}

const readHolder = (file) => {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return '0'
  }
}
