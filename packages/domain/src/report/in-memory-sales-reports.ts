import type { Clock } from '../clock.ts'
import type { MerchantId } from '../merchant-id.ts'
import type { SalesReport, SalesReports } from './sales-reports.ts'
import type { UtcDay } from './utc-day.ts'

/** Reports for as long as the process lives; the link is a `data:` URL with the file in it. */
export class InMemorySalesReports implements SalesReports {
  readonly #reports = new Map<string, SalesReport & { readonly createdAt: string }>()
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  async write(report: SalesReport): Promise<void> {
    const createdAt = this.#clock.now().toISOString()
    this.#reports.set(`${report.merchant}/${report.day}`, { ...report, createdAt })
  }

  async find(merchant: MerchantId, day: UtcDay): ReturnType<SalesReports['find']> {
    const report = this.#reports.get(`${merchant}/${day}`)
    if (report === undefined) return undefined
    const { rows, createdAt, csv } = report
    return { rows, createdAt, link: `data:text/csv,${encodeURIComponent(csv)}` }
  }
}
