import type { MerchantId } from '../merchant-id.ts'
import type { UtcDay } from './utc-day.ts'

/** One merchant's sales of one day as a CSV file; `rows` without the header. */
export interface SalesReport {
  readonly merchant: MerchantId
  readonly day: UtcDay
  readonly rows: number
  readonly csv: string
}

/** A report that is there, and a link to it. */
export interface StoredReport {
  readonly rows: number
  readonly createdAt: Date
  readonly url: string
  readonly expiresAt: Date
}

/** Keeps the reports of all merchants. */
export interface SalesReports {
  /** MUST replace an earlier report of the same merchant and day: a day that is told twice has one report. */
  write(report: SalesReport): Promise<void>
  /** MUST let whoever has `url` read the file until `expiresAt`, and nothing else. */
  find(merchant: MerchantId, day: UtcDay): Promise<StoredReport | undefined>
}
