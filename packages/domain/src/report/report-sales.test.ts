import { expect, test } from 'vitest'
import { aKeyedRequest } from '../idempotency/a-keyed-request.ts'
import { MerchantId } from '../merchant-id.ts'
import { Money } from '../money.ts'
import { anOrderDesk } from '../order/an-order-desk.ts'
import { Sku } from '../sku.ts'
import { makeGetReport } from './get-report.ts'
import { InMemorySalesReports } from './in-memory-sales-reports.ts'
import { InMemoryWatermarks } from './in-memory-watermarks.ts'
import { makeReportSales } from './report-sales.ts'
import { UtcDay } from './utc-day.ts'

const cause = { correlationId: 'c-1' }
const [shop, other] = [MerchantId.parse('corner-shop'), MerchantId.parse('other-shop')]
const day = (text: string) => UtcDay.parse(text)
const deadline = new Date('2030-01-01T00:00:00Z')

/** A desk whose clock stands at 2026-11-23 09:00 UTC, with reports on top. */
const anOffice = () => {
  const desk = anOrderDesk()
  const [reports, watermarks] = [new InMemorySalesReports(desk.clock), new InMemoryWatermarks()]
  let keys = 0
  const sell = async (merchant: MerchantId, ...lines: readonly (readonly [string, number])[]) => {
    const request = aKeyedRequest(merchant, `k${++keys}`)
    const { outcome } = await desk.place({
      request,
      cause,
      lines: lines.map(([sku, quantity]) => ({ sku: Sku.parse(sku), quantity })),
    })
    if (!outcome.ok) throw new Error(outcome.refusal.detail)
    const { id, total } = outcome.value
    await desk.pay({
      request: { ...request, route: 'pay' },
      cause,
      id,
      payment: { amount: total, reference: 'p' },
    })
  }
  const read = async (merchant: MerchantId, of: string) => {
    const found = await makeGetReport({ reports })(merchant, day(of))
    return found.ok ? (await fetch(found.value.url)).text() : found.refusal.code
  }
  return {
    ...desk,
    reports,
    watermarks,
    sell,
    read,
    report: makeReportSales({ ...desk, paidOrders: desk.orders, reports, watermarks }),
  }
}
const at = (text: string) => ({ scheduledAt: new Date(text), deadline })

test('tells the day before the scheduled time, per merchant and sku', async () => {
  const office = anOffice()
  office.receive(shop, 'tea', 50)
  office.receive(shop, 'pot', 50, 4_000)
  office.receive(other, 'tea', 50, 99)
  await office.sell(shop, ['tea', 2], ['pot', 1])
  await office.sell(shop, ['tea', 3])
  await office.sell(other, ['tea', 1])
  office.clock.advance(86_400)
  await office.sell(shop, ['tea', 7])

  expect(await office.report(at('2026-11-24T00:15:00Z'))).toEqual(['2026-11-23'])
  expect(await office.read(shop, '2026-11-23')).toBe(
    'sku,name,quantity,revenue_minor_units,currency\r\npot,pot,1,4000,EUR\r\ntea,tea,5,1250,EUR\r\n',
  )
  expect(await office.read(other, '2026-11-23')).toContain('\r\ntea,tea,1,99,EUR\r\n')
  expect(await office.read(shop, '2026-11-24')).toBe('report.not_found')
})

test('a run that comes twice tells nothing again', async () => {
  const office = anOffice()
  expect(await office.report(at('2026-11-24T00:15:00Z'))).toEqual(['2026-11-23'])
  expect(await office.report(at('2026-11-24T00:15:00Z'))).toEqual([])
})

test('two runs at once leave one report and one watermark', async () => {
  const office = anOffice()
  office.receive(shop, 'tea', 50)
  await office.sell(shop, ['tea', 2])
  await Promise.all([office.report(at('2026-11-24T00:15:00Z')), office.report(at('2026-11-25T00:15:00Z'))])
  expect(await office.read(shop, '2026-11-23')).toContain('tea,tea,2,500,EUR')
  expect(await office.watermarks.read('report-sales')).toBe('2026-11-24')
})

test('missed runs are caught up with, each day once, over the end of a month', async () => {
  const office = anOffice()
  await office.report(at('2026-11-28T00:15:00Z'))
  expect(await office.report(at('2026-12-02T00:15:00Z'))).toEqual([
    '2026-11-28',
    '2026-11-29',
    '2026-11-30',
    '2026-12-01',
  ])
})

test('a late run for an earlier time leaves the watermark', async () => {
  const office = anOffice()
  await office.report(at('2026-11-28T00:15:00Z'))
  expect(await office.report(at('2026-11-26T00:15:00Z'))).toEqual([])
  expect(await office.watermarks.read('report-sales')).toBe('2026-11-27')
})

test('at its deadline it says what is left, and the next run goes on', async () => {
  const office = anOffice()
  await expect(
    office.report({ scheduledAt: new Date('2026-11-24T00:15:00Z'), deadline: office.clock.now() }),
  ).rejects.toThrow('2026-11-23')
  expect(await office.report(at('2026-11-24T00:15:00Z'))).toEqual(['2026-11-23'])
})

test('a product name that a spreadsheet would run is text', async () => {
  const office = anOffice()
  office.products.move(shop, [
    {
      kind: 'receive',
      sku: Sku.parse('tea'),
      quantity: 1,
      name: '=HYPERLINK("http://x","y")',
      unitPrice: Money.parse({ amount: 1, currency: 'EUR' }),
    },
  ])
  await office.sell(shop, ['tea', 1])
  await office.report(at('2026-11-24T00:15:00Z'))
  expect(await office.read(shop, '2026-11-23')).toContain(`tea,"'=HYPERLINK(""http://x"",""y"")",1,1,EUR`)
})

test('sums beyond the integers that are exact in a float', async () => {
  const office = anOffice()
  office.receive(shop, 'gold', 9, Number.MAX_SAFE_INTEGER)
  await office.sell(shop, ['gold', 1])
  await office.sell(shop, ['gold', 1])
  await office.report(at('2026-11-24T00:15:00Z'))
  expect(await office.read(shop, '2026-11-23')).toContain('gold,gold,2,18014398509481982,EUR')
})
