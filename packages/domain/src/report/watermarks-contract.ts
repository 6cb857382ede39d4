import { describe, expect, test } from 'vitest'
import { UtcDay } from './utc-day.ts'
import type { Watermarks } from './watermarks.ts'

const [first, second, third] = ['2026-11-20', '2026-11-21', '2026-11-22'].map((day) => UtcDay.parse(day))

/** What every Watermarks promises. `job` gives a new name each time. */
export const watermarksContract = (name: string, watermarks: () => Watermarks, job: () => string) =>
  describe(`${name} as Watermarks`, () => {
    test('advances from where it is, and from nowhere else', async () => {
      const of = job()
      expect(await watermarks().read(of)).toBeUndefined()
      if (first === undefined || second === undefined || third === undefined) throw new Error('three days')
      await watermarks().advance(of, undefined, first)
      await watermarks().advance(of, first, second)
      await watermarks().advance(of, first, third)
      await watermarks().advance(of, undefined, third)
      expect(await watermarks().read(of)).toBe(second)
      expect(await watermarks().read(job())).toBeUndefined()
    })
  })
