import type { Clock } from '../clock.ts'
import type { MerchantId } from '../merchant-id.ts'
import type { SalesReport, SalesReports, StoredReport } from './sales-reports.ts'
import type { UtcDay } from './utc-day.ts'

/** Reports for as long as the process lives; the link is a `data:` URL with the file in it. */
export class InMemorySalesReports implements SalesReports {
  readonly #reports = new Map<string, SalesReport & { readonly createdAt: Date }>()
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  async write(report: SalesReport): Promise<void> {
    const createdAt = this.#clock.now()
    this.#reports.set(`${report.merchant}/${report.day}`, { ...report, createdAt })
  }

  async find(merchant: MerchantId, day: UtcDay): Promise<StoredReport | undefined> {
    const report = this.#reports.get(`${merchant}/${day}`)
    if (report === undefined) return undefined
    const { rows, createdAt, csv } = report
    const expiresAt = new Date(this.#clock.now().getTime() + 300_000)
    return { rows, createdAt, url: `data:text/csv,${encodeURIComponent(csv)}`, expiresAt }
  }
}
