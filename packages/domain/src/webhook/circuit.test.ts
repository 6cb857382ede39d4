import { describe, expect, test } from 'vitest'
import { afterFailure, type Circuit, claimProbe } from './circuit.ts'

const start = new Date('2026-11-23T09:00:00.000Z')
const later = (seconds: number) => new Date(start.getTime() + seconds * 1_000)
const fail = (times: number, circuit: Circuit = { status: 'closed' }): Circuit => {
  const next = times === 0 ? circuit : afterFailure(circuit, start)
  if (next === 'hopeless') throw new Error('hopeless')
  return times === 0 ? next : fail(times - 1, next)
}

describe('a circuit', () => {
  test('opens at the fifth failure in a row, each time for longer, at most for two hours', () => {
    expect(fail(4)).toEqual({ status: 'failing', failures: 4, since: start.toISOString() })
    const seconds = [5, 6, 7, 8, 9, 10, 11, 30].map((failures) => {
      const circuit = fail(failures)
      return circuit.status === 'open' && (Date.parse(circuit.until) - start.getTime()) / 1_000
    })
    expect(seconds).toEqual([60, 300, 900, 1_800, 3_600, 7_200, 7_200, 7_200])
  })

  test('gives one delivery the chance to try when its time is over, and keeps the others back for a minute', () => {
    const open = fail(5)
    expect(claimProbe(open, later(59))).toBeUndefined()
    const claimed = claimProbe(open, later(60))
    expect(claimed).toEqual({ ...open, until: later(120).toISOString() })
    expect(claimed && claimProbe(claimed, later(61))).toBeUndefined()
    // The one that tried died without a word.
    expect(claimed && claimProbe(claimed, later(120))).toBeDefined()
  })

  test('is not claimed when it is not open', () => {
    expect(claimProbe({ status: 'closed' }, start)).toBeUndefined()
    expect(claimProbe(fail(2), start)).toBeUndefined()
  })

  test('is hopeless after three days of failures, but not before the fifth', () => {
    const days = 3 * 86_400
    expect(afterFailure(fail(5), later(days - 1))).toMatchObject({ status: 'open' })
    expect(afterFailure(fail(5), later(days))).toBe('hopeless')
    expect(afterFailure(fail(2), later(days))).toMatchObject({ status: 'failing', failures: 3 })
  })
})
