import { randomBytes } from 'node:crypto'

/** A fresh X-Ray root: `Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1`. */
export const freshTraceHeader = (nowMilliseconds: number): string => {
  const seconds = Math.floor(nowMilliseconds / 1000).toString(16)
  const root = `1-${seconds.padStart(8, '0')}-${randomBytes(12).toString('hex')}`
  return `Root=${root};Parent=${randomBytes(8).toString('hex')};Sampled=1`
}
