import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { audit } from '@stockroom/ops/audit/audit'
import { readFacts } from '@stockroom/ops/audit/read-facts'
import { settle } from '@stockroom/ops/audit/settle'
import { type LocalStage, startLocalStage } from '@stockroom/ops/local/local-stage'
import { runReplay } from '@stockroom/ops/replay/run-replay'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const header = 'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country'
const row = (
  invoice: string,
  code: string,
  quantity: number,
  price: string,
  day = '2010-12-01',
  customer = '17850.0',
) => `${invoice},${code},"GOODS, ""${code}""",${quantity},${day} 08:26:00,${price},${customer},United Kingdom`
const long = Array.from({ length: 98 }, (_, n) => row('536370', `${20_000 + n}`, 1, '1.00'))

/** A retailer's file in miniature, with what real ones have: postage, free goods, a cancellation, a return, a code twice, two days, an invoice of more articles than one transaction takes. */
const file = [
  header,
  row('536365', '85123A', 6, '2.55'),
  row('536365', '85123a', 2, '2.55'),
  row('536365', 'POST', 1, '18.0'),
  row('536366', '71053', 6, '3.39'),
  row('536367', '22423', 1, '0.0'),
  ...long,
  row('C536371', '71053', -6, '3.39'),
  row('C536372', '85123A', -1, '2.55'),
  row('536380', '71053', 3, '3.39', '2010-12-02'),
].join('\n')

let local: LocalStage
let directory: string
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'replay-'))
  local = await startLocalStage()
})
afterAll(async () => {
  await local.close()
  rmSync(directory, { recursive: true })
})

describe('the replay of invoices', () => {
  it('sells what was sold, cancels what was cancelled, says what it left out and balances', async () => {
    const path = join(directory, 'invoices.csv.gz')
    writeFileSync(path, gzipSync(file))
    const lines: string[] = []
    const expected = await runReplay(
      local.target,
      { file: path, rate: 50 },
      {
        step: async (_, work) => void lines.push(await work(() => undefined)),
        line: (text) => void lines.push(text),
      },
    )
    expect(expected.breaches).toEqual([])
    const said = lines.join('\n')
    expect(said).toContain('4 orders: 3 paid, 1 cancelled')
    for (const [reason, count] of [
      ['line is no article (postage, fees, samples)', 1],
      ['line has no price', 1],
      ['invoice has no line of goods left', 1],
      ['cancellation of goods sold earlier, or of a part of an order', 1],
    ] as const)
      expect(said).toMatch(new RegExp(`${reason.replaceAll(/[().]/g, '\\$&')} +${count}\\b`))

    const facts = await settle(
      () => readFacts(local.access, local.stage),
      () => undefined,
    )
    expect(audit(facts, local.receiver.inboxes()).flatMap(({ breaches }) => breaches)).toEqual([])
    expect(facts.products.find(({ sku }) => sku === '20097')).toMatchObject({ received: 1, sold: 1 })
    expect(facts.products.find(({ sku }) => sku === '85123A')).toMatchObject({ received: 8, sold: 8 })
    expect(facts.products.find(({ sku }) => sku === '71053')).toMatchObject({
      received: 9,
      sold: 3,
      available: 6,
    })
  })

  it('names the file and the column that it lacks', async () => {
    const path = join(directory, 'other.csv')
    writeFileSync(path, 'InvoiceNo,StockCode\n1,2\n')
    const silent = {
      step: async (_: string, work: (update: () => void) => Promise<string>) =>
        void (await work(() => undefined)),
      line: () => undefined,
    }
    await expect(runReplay(local.target, { file: path }, silent)).rejects.toThrow(
      /other\.csv: the header lacks Description, Quantity/,
    )
  })
})
