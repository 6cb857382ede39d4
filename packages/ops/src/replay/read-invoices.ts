import { createReadStream } from 'node:fs'
import { PassThrough } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { parse } from 'csv-parse'

/** One line of an invoice as the file has it. */
export interface InvoiceLine {
  readonly code: string
  readonly description: string
  readonly quantity: number
  /** As written, in pounds: `2.55`. */
  readonly price: string
}

export interface Invoice {
  readonly number: string
  /** UTC day, `2010-12-01`. */
  readonly day: string
  readonly customer: string
  readonly lines: readonly InvoiceLine[]
}

const columns = [
  'InvoiceNo',
  'StockCode',
  'Description',
  'Quantity',
  'InvoiceDate',
  'UnitPrice',
  'CustomerID',
] as const
type Row = Readonly<Record<(typeof columns)[number], string>>

/**
 * Reads a retailer's invoice lines (`InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,…`, sorted by date; `.gz` or plain) as one
 * invoice after another, in the memory of one day. @throws Error that names the file, and the column that it lacks.
 */
export async function* readInvoices(file: string): AsyncGenerator<Invoice> {
  let day = ''
  let open = new Map<string, { customer: string; lines: InvoiceLine[] }>()
  const closed = function* () {
    for (const [number, { customer, lines }] of open) yield { number, day, customer, lines }
    open = new Map()
  }
  for await (const row of readRows(file)) {
    const rowDay = row.InvoiceDate.slice(0, 10)
    if (rowDay !== day) {
      yield* closed()
      day = rowDay
    }
    const invoice = open.get(row.InvoiceNo) ?? { customer: row.CustomerID, lines: [] }
    invoice.lines.push({
      code: row.StockCode.trim(),
      description: row.Description.trim(),
      quantity: Number(row.Quantity),
      price: row.UnitPrice,
    })
    open.set(row.InvoiceNo, invoice)
  }
  yield* closed()
}

async function* readRows(file: string): AsyncGenerator<Row> {
  const parser = parse({
    bom: true,
    columns: (header: string[]) => {
      const missing = columns.filter((column) => !header.includes(column))
      if (missing.length > 0) throw new Error(`${file}: the header lacks ${missing.join(', ')}`)
      return header
    },
  })
  const source = createReadStream(file)
  const fed = pipeline(source, file.endsWith('.gz') ? createGunzip() : new PassThrough(), parser)
  // The loop below rejects with the same error; without this line Node would call it unhandled.
  fed.catch(() => undefined)
  for await (const row of parser) yield row
  await fed
}
