import { describe, expect, it } from 'vitest'
import { planDay, type Skips } from './plan-day.ts'
import type { Invoice, InvoiceLine } from './read-invoices.ts'

const line = (change: Partial<InvoiceLine> = {}): InvoiceLine => ({
  code: '85123A',
  description: 'WHITE HANGING HEART',
  quantity: 6,
  price: '2.55',
  ...change,
})
const invoice = (number: string, ...lines: InvoiceLine[]): Invoice => ({
  number,
  day: '2010-12-01',
  customer: '17850',
  lines,
})
const plan = (...invoices: Invoice[]) => {
  const skips: Skips = new Map()
  return { ...planDay('2010-12-01', invoices, skips), skips: Object.fromEntries(skips) }
}

describe('planning a day of invoices', () => {
  it('delivers exactly what is ordered', () => {
    const { delivery, orders } = plan(
      invoice(
        '1',
        line(),
        line({ code: '71053', quantity: 2, price: '3.39', description: 'LANTERN, "METAL"' }),
      ),
      invoice('2', line({ quantity: 4 })),
    )
    expect(delivery.csv).toBe(
      'sku,name,quantity,unit_price\n85123A,"WHITE HANGING HEART",10,2.55\n71053,"LANTERN, ""METAL""",2,3.39\n',
    )
    expect(orders.map(({ reference, lines }) => [reference, lines.length])).toEqual([
      ['1', 2],
      ['2', 1],
    ])
  })

  it('merges a code that an invoice names twice, whatever its case', () => {
    const { orders, delivery } = plan(invoice('1', line(), line({ code: '85123a', quantity: 1 })))
    expect(orders[0]?.lines).toEqual([{ sku: '85123A', quantity: 7 }])
    expect(delivery.skus).toBe(1)
  })

  it('reads an invoice that begins with C as a cancellation', () => {
    const { cancellations, orders, delivery } = plan(invoice('C1', line({ quantity: -6 })))
    expect(cancellations).toMatchObject([{ reference: 'C1', lines: [{ sku: '85123A', quantity: 6 }] }])
    expect(orders).toEqual([])
    expect(delivery.skus).toBe(0)
  })

  it('counts what is no trade in goods by its reason', () => {
    const { orders, skips } = plan(
      invoice('A1', line({ code: 'B' })),
      invoice('1', line({ code: 'POST' }), line({ quantity: -1 }), line({ price: '0.0' }), line()),
      invoice('2', line({ code: 'DOT' })),
    )
    expect(orders).toHaveLength(1)
    expect(skips).toEqual({
      'invoice is a bookkeeping adjustment': 1,
      'line is no article (postage, fees, samples)': 2,
      'line has no quantity to sell': 1,
      'line has no price': 1,
      'invoice has no line of goods left': 1,
    })
  })
})
