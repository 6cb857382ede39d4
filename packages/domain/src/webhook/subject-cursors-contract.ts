import { describe, expect, test } from 'vitest'
import type { MerchantId } from '../merchant-id.ts'
import type { SubjectCursors } from './subject-cursors.ts'

/** What every SubjectCursors promises. `merchant` gives a new one each time, so that the store may be shared. */
export const subjectCursorsContract = (
  name: string,
  cursors: () => SubjectCursors,
  merchant: () => MerchantId,
) =>
  describe(`${name} as SubjectCursors`, () => {
    const until = new Date('2030-01-01T00:00:00Z')

    test('move step by step, per merchant and subject', async () => {
      const [shop, other] = [merchant(), merchant()]
      expect(await cursors().last(shop, 'ord_1')).toBe(0)
      expect(await cursors().advance(shop, 'ord_1', 1, until)).toBe('advanced')
      expect(await cursors().advance(shop, 'ord_1', 2, until)).toBe('advanced')
      expect(await cursors().last(shop, 'ord_1')).toBe(2)
      expect(await cursors().last(shop, 'ord_2')).toBe(0)
      expect(await cursors().last(other, 'ord_1')).toBe(0)
    })

    test('move neither twice, nor back, nor over a gap', async () => {
      const shop = merchant()
      expect(await cursors().advance(shop, 'ord_1', 2, until)).toBe('moved')
      await cursors().advance(shop, 'ord_1', 1, until)
      await cursors().advance(shop, 'ord_1', 2, until)
      for (const sequence of [1, 2, 4])
        expect(await cursors().advance(shop, 'ord_1', sequence, until)).toBe('moved')
      expect(await cursors().last(shop, 'ord_1')).toBe(2)
    })

    test('of many who move at once one does', async () => {
      const shop = merchant()
      const outcomes = await Promise.all(
        Array.from({ length: 10 }, () => cursors().advance(shop, 'ord_1', 1, until)),
      )
      expect(outcomes.filter((outcome) => outcome === 'advanced')).toHaveLength(1)
    })
  })
