import type { MerchantId } from '../merchant-id.ts'
import type { UtcDay } from './utc-day.ts'

/** One merchant's sales of one day as a CSV file; `rows` without the header. */
export interface SalesReport {
  readonly merchant: MerchantId
  readonly day: UtcDay
  readonly rows: number
  readonly csv: string
}

/** Keeps the reports of all merchants. */
export interface SalesReports {
  /** MUST replace an earlier report of the same merchant and day: a day that is told twice has one report. */
  write(report: SalesReport): Promise<void>
  /** `link` lets whoever has it read the file for five minutes. */
  find(
    merchant: MerchantId,
    day: UtcDay,
  ): Promise<{ readonly rows: number; readonly createdAt: string; readonly link: string } | undefined>
}
