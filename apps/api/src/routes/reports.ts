import type { makeGetReport } from '@stockroom/domain/report/get-report'
import { UtcDay } from '@stockroom/domain/report/utc-day'
import * as z from 'zod/mini'
import { type Route, route } from '../route.ts'

export interface ReportDeps {
  readonly getReport: ReturnType<typeof makeGetReport>
}

const getReport = route({
  method: 'GET',
  path: '/reports/{date}',
  operationId: 'getReport',
  summary: "Find a day's sales report",
  description: 'Reports of a UTC day are written in the night after it; a day without sales has none.',
  scope: 'reports:read',
  input: { params: z.object({ date: UtcDay }) },
  answers: {
    200: {
      description: 'Whoever has the link can read the file, a CSV with a row for each sku, until it expires.',
      schema: z.object({
        date: UtcDay,
        rows: z.int(),
        createdAt: z.iso.datetime(),
        url: z.url(),
        expiresAt: z.iso.datetime(),
      }),
      example: {
        date: '2026-11-22',
        rows: 412,
        createdAt: '2026-11-23T00:10:04.000Z',
        url: 'https://exports.example/reports/corner-shop/2026-11-22.csv?X-Amz-Expires=300',
        expiresAt: '2026-11-23T09:05:00.000Z',
      },
    },
  },
  problems: ['report.not_found'],
}).handle(async ({ input, caller }, { getReport }: ReportDeps) => {
  const { date } = input.params
  const found = await getReport(caller.merchant, date)
  if (!found.ok) return found
  const { rows, createdAt, url, expiresAt } = found.value
  return {
    status: 200,
    body: { date, rows, createdAt: createdAt.toISOString(), url, expiresAt: expiresAt.toISOString() },
  }
})

export const reportRoutes = [getReport] satisfies readonly Route<ReportDeps>[]
