import { describe, expect, test } from 'vitest'
import type { MerchantId } from '../merchant-id.ts'
import type { SalesReports } from './sales-reports.ts'
import { UtcDay } from './utc-day.ts'

const day = UtcDay.parse('2026-11-22')

/** What every SalesReports promises. */
export const salesReportsContract = (name: string, reports: () => SalesReports, merchant: () => MerchantId) =>
  describe(`${name} as SalesReports`, () => {
    test('has nothing of a day that was not told', async () => {
      expect(await reports().find(merchant(), day)).toBeUndefined()
    })

    test("links to a merchant's file, and to no other's", async () => {
      const [shop, other] = [merchant(), merchant()]
      await reports().write({ merchant: shop, day, rows: 1, csv: 'sku\r\ntea\r\n' })
      const found = await reports().find(shop, day)
      expect(found).toMatchObject({ rows: 1, createdAt: expect.any(Date) })
      expect(await (await fetch(found?.url ?? '')).text()).toBe('sku\r\ntea\r\n')
      expect(await reports().find(other, day)).toBeUndefined()
      expect(await reports().find(shop, UtcDay.parse('2026-11-23'))).toBeUndefined()
    })

    test('replaces the file of a day that is told again', async () => {
      const shop = merchant()
      await reports().write({ merchant: shop, day, rows: 1, csv: 'sku\r\ntea\r\n' })
      await reports().write({ merchant: shop, day, rows: 2, csv: 'sku\r\npot\r\ntea\r\n' })
      const found = await reports().find(shop, day)
      expect(found?.rows).toBe(2)
      expect(await (await fetch(found?.url ?? '')).text()).toBe('sku\r\npot\r\ntea\r\n')
    })
  })
