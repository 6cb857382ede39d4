import type { makeReportSales } from '@stockroom/domain/report/report-sales'
import { UtcDay } from '@stockroom/domain/report/utc-day'
import type { IdempotentEffect } from '@stockroom/lambda/idempotent-effect'
import { logger } from '@stockroom/lambda/logger'
import { count } from '@stockroom/lambda/metrics'
import { scheduleFunction } from '@stockroom/lambda/schedule-function'
import * as z from 'zod/mini'

/**
 * Trigger: every night, when the day before is over for certain. A run that fails is tried again and goes on from the watermark; a tick that
 * is delivered twice is answered from the first run, which saves work and protects nothing: two runs at once would write the same files.
 * `deadline` is that of the running invocation.
 */
export const reportSalesFunction = (
  reportSales: ReturnType<typeof makeReportSales>,
  once: IdempotentEffect,
  deadline: () => Date,
) =>
  scheduleFunction(async (scheduledAt) => {
    const key = scheduledAt.toISOString()
    const run = await once(
      { merchant: '*', principal: 'scheduler', route: 'report-sales', key, fingerprint: key },
      z.array(UtcDay),
      async () => [...(await reportSales({ scheduledAt, deadline: deadline() }))],
    )
    // The other run may be dead. Failing asks Lambda to come again; by the second retry the record of a dead run has ended.
    if (run.outcome === 'in_progress')
      throw new Error(`the run of ${key} is in progress, or died less than a timeout ago`)
    if (run.outcome === 'performed') count('SalesDayReported', run.result.length)
    logger.info('Sales reports', run)
  })
