import type { Clock } from '../clock.ts'
import type { MerchantId } from '../merchant-id.ts'
import type { ProductRepository } from '../product/product-repository.ts'
import type { PaidOrders } from './paid-orders.ts'
import type { SalesReports } from './sales-reports.ts'
import { SalesTotals } from './sales-totals.ts'
import { type UtcDay, utcDay } from './utc-day.ts'
import type { Watermarks } from './watermarks.ts'

export interface ReportSalesDependencies {
  readonly paidOrders: PaidOrders
  readonly products: ProductRepository
  readonly reports: SalesReports
  readonly watermarks: Watermarks
  readonly clock: Clock
}

export interface ReportSales {
  /** When the run was due, not when it began: the day before it is the last that is told. */
  readonly scheduledAt: Date
  /** No day is begun after it. */
  readonly deadline: Date
}

/** The job's name at its watermark. */
export const salesReportJob = 'report-sales'

/**
 * Writes every merchant's sales report of each day up to the one before `scheduledAt` that is not yet told; the first run tells one day.
 * Two runs at once write the same files, so that neither needs a lock. Returns the days told.
 * @throws Error when the deadline comes first; the next run goes on from the watermark.
 */
export const makeReportSales =
  ({ paidOrders, products, reports, watermarks, clock }: ReportSalesDependencies) =>
  async ({ scheduledAt, deadline }: ReportSales): Promise<readonly UtcDay[]> => {
    const write = async (day: UtcDay, merchant: MerchantId, totals: SalesTotals) => {
      const known = await products.findAll(merchant, totals.skus)
      await reports.write({ merchant, day, ...totals.csv(known) })
    }

    const tell = async (day: UtcDay) => {
      let current: { readonly merchant: MerchantId; readonly totals: SalesTotals } | undefined
      for await (const order of paidOrders.paidOn(day)) {
        if (current !== undefined && current.merchant !== order.merchant) {
          await write(day, current.merchant, current.totals)
          current = undefined
        }
        current ??= { merchant: order.merchant, totals: new SalesTotals() }
        current.totals.add(order)
      }
      if (current !== undefined) await write(day, current.merchant, current.totals)
    }

    const last = utcDay(scheduledAt, -1)
    const told: UtcDay[] = []
    for (;;) {
      const done = await watermarks.read(salesReportJob)
      const day = done === undefined ? last : utcDay(new Date(done), 1)
      if (day > last) return told
      if (clock.now() >= deadline) throw new Error(`The sales of ${day} to ${last} are not told yet`)
      await tell(day)
      await watermarks.advance(salesReportJob, done, day)
      told.push(day)
    }
  }
