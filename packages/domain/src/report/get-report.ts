import type { MerchantId } from '../merchant-id.ts'
import { accepted, type Outcome, refused } from '../refusal.ts'
import type { SalesReports, StoredReport } from './sales-reports.ts'
import type { UtcDay } from './utc-day.ts'

/** Finds a merchant's sales report; a day without sales has none. */
export const makeGetReport =
  ({ reports }: { readonly reports: SalesReports }) =>
  async (merchant: MerchantId, day: UtcDay): Promise<Outcome<StoredReport>> => {
    const report = await reports.find(merchant, day)
    return report === undefined
      ? refused('report.not_found', `There is no sales report of ${day}`)
      : accepted(report)
  }
