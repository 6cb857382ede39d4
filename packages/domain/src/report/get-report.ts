import type { MerchantId } from '../merchant-id.ts'
import { accepted, type Outcome, refused } from '../refusal.ts'
import type { SalesReports } from './sales-reports.ts'
import type { UtcDay } from './utc-day.ts'

/** Where to read a merchant's sales report of one day. */
export interface ReportLink {
  readonly date: UtcDay
  readonly rows: number
  readonly createdAt: string
  readonly link: string
}

/** Finds a merchant's sales report; a day without sales has none. */
export const makeGetReport =
  ({ reports }: { readonly reports: SalesReports }) =>
  async (merchant: MerchantId, date: UtcDay): Promise<Outcome<ReportLink>> => {
    const report = await reports.find(merchant, date)
    return report === undefined
      ? refused('report.not_found', `There is no sales report of ${date}`)
      : accepted({ date, ...report })
  }
