import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { planFile } from './plan-file.ts'
import { readChunk } from './read-chunk.ts'
import { uploadLimits } from './upload-limits.ts'

const plan = (bytes: Uint8Array, limits = {}, blockBytes = 7) => {
  const all = { ...uploadLimits, ...limits }
  return planFile(
    {
      sizeBytes: bytes.length,
      head: bytes.subarray(0, all.recordBytes + 3),
      async *from(offset) {
        for (let at = offset; at < bytes.length; at += blockBytes) yield bytes.subarray(at, at + blockBytes)
      },
    },
    all,
  )
}
const header = 'sku,name,quantity,unit_price\n'
const text = (...rows: string[]) => Buffer.from(header + rows.join(''))

/** Plans a file that is never in memory; as a worker, whose heap can be bounded. */
const planManyRows = `
  const { parentPort, workerData: { rows, planFile, limits } } = require('node:worker_threads')
  const header = Buffer.from('sku,name,quantity,unit_price\\n')
  const row = 'a,A,1,1\\n'
  const rowsOfBlock = 8_192
  const block = Buffer.alloc(row.length * rowsOfBlock, row)
  async function* from() {
    yield header
    for (let left = rows; left > 0; left -= rowsOfBlock)
      yield left >= rowsOfBlock ? block : block.subarray(0, left * row.length)
  }
  import(planFile).then(async ({ planFile }) => {
    const file = { sizeBytes: header.length + rows * row.length, head: header, from }
    const { code, chunks = [] } = await planFile(file, limits)
    const planned = chunks.reduce((sum, { rows }) => sum + rows, 0)
    parentPort.postMessage(code === undefined ? { chunks: chunks.length, rows: planned } : { code })
  })
`

describe('planFile', () => {
  test('begins its chunks behind the header, on their lines', async () => {
    expect(await plan(text('a,A,1,1\n', '"b","B\nb",1,1\r\n', 'c,C,1,1'), { chunkRows: 2 })).toEqual({
      columns: { count: 4, sku: 0, name: 1, quantity: 2, unitPrice: 3 },
      partSkus: 98,
      chunks: [
        { start: 29, end: 50, line: 2, rows: 2 },
        { start: 52, end: 59, line: 5, rows: 1 },
      ],
    })
  })

  test.each([
    ['a byte order mark', Buffer.from(`\uFEFF${header}a,A,1,1\n`)],
    [
      'a byte order mark before a quote',
      Buffer.from(`\uFEFF"sku","name","quantity","unit_price"\na,A,1,1\n`),
    ],
    ['empty lines before the header', Buffer.from(`\r\n\n${header}a,A,1,1\n`)],
    ['no line end at the end', text('a,A,1,1')],
    ['CR as line end', Buffer.from('sku,name,quantity,unit_price\ra,A,1,1\r')],
    ['empty lines at the end', text('a,A,1,1\n\n\n')],
  ])('accepts %s', async (_, bytes) => {
    expect(await plan(bytes)).toMatchObject({ chunks: [{ rows: 1 }] })
  })

  test.each([
    ['nothing but a byte order mark', Buffer.from('\uFEFF'), 'file.empty', /no rows/],
    ['nothing but line ends', Buffer.from('\r\n\n'), 'file.empty', /no rows/],
    ['nothing but a header', Buffer.from(header), 'file.empty', /no rows/],
    ['a header without line end', Buffer.from(header.trim()), 'file.empty', /no rows/],
    ['UTF-16 little-endian', Buffer.from(`\uFEFF${header}`, 'utf16le'), 'file.not_utf8', /UTF-16/],
    ['UTF-16 big-endian', Buffer.from(`\uFEFF${header}`, 'utf16le').swap16(), 'file.not_utf8', /UTF-16/],
    ['UTF-16 without a mark', Buffer.from(header, 'utf16le'), 'file.not_text', /Line 1 .*UTF-16/],
    ['a NUL', text('a,A,1,1\n', 'b,B\0,1,1\n'), 'file.not_text', /Line 3 /],
    [
      'Windows-1252',
      Buffer.from(`${header}a,A,1,1\nb,Größe,1,1\n`, 'latin1'),
      'file.not_utf8',
      /Line 3 .*Windows-1252/,
    ],
    ['half a character at the end', text('a,A,1,1\n', 'b,€').subarray(0, -1), 'file.not_utf8', /Line 3 /],
    ['a quote left open', text('a,A,1,1\n', 'b,"B,1,1\n', 'c,C,1,1\n'), 'file.open_quote', /line 3 /],
    ['a missing column', Buffer.from('sku,name,quantity\na,A,1\n'), 'header.column_missing', /unit_price/],
    [
      'a gzip that unfolds to a thousand times its size',
      gzipSync(Buffer.alloc(1_000_000)),
      'file.not_text',
      /gzip/,
    ],
    [
      'a ZIP, and so a new Excel workbook',
      Buffer.from('PK\u0003\u0004\u0014'),
      'file.not_text',
      /ZIP.*Excel.*CSV/,
    ],
    ['an empty ZIP', Buffer.from(`PK\u0005\u0006${'\0'.repeat(18)}`), 'file.not_text', /ZIP/],
    ['an old Excel workbook', Buffer.from('d0cf11e0a1b11ae1', 'hex'), 'file.not_text', /Excel.*CSV/],
    ['a bzip2', Buffer.from('BZh91AY&SY'), 'file.not_text', /bzip2/],
    ['an xz', Buffer.from('fd377a585a00', 'hex'), 'file.not_text', /xz/],
    ['a 7z', Buffer.from('377abcaf271c', 'hex'), 'file.not_text', /7z/],
    ['a Zstandard', zstdCompressSync(Buffer.from(header)), 'file.not_text', /Zstandard/],
    ['a PDF', Buffer.from('%PDF-1.7\n'), 'file.not_text', /PDF/],
  ])('refuses %s', async (_, bytes, code, reason) => {
    expect(await plan(bytes)).toEqual({ code, reason: expect.stringMatching(reason) })
  })

  test('stops at a record that is too long, without having it in memory', async () => {
    const endless = Buffer.alloc(1_000, 'x')
    let blocks = 0
    const problem = await planFile(
      {
        sizeBytes: 2 ** 31,
        head: Buffer.concat([Buffer.from(`${header}a,"`), endless]),
        async *from() {
          yield Buffer.from(`${header}a,"`)
          for (;;) {
            blocks += 1
            yield endless
          }
        },
      },
      { ...uploadLimits, recordBytes: 5_000 },
    )
    expect(problem).toEqual({ code: 'file.record_too_long', reason: expect.stringContaining('line 2') })
    expect(blocks).toBe(5)
  })

  test.each([
    ['a header of a million columns', Buffer.from(header.trim() + ',x'.repeat(1_000_000)), /line 1 /],
    ['a record just over the limit', text('a,A,1,1\n', `b,${'x'.repeat(60)},1,1\n`), /line 3 /],
  ])('refuses %s', async (_, bytes, reason) => {
    expect(await plan(bytes, { recordBytes: 60 }, 100_000)).toEqual({
      code: 'file.record_too_long',
      reason: expect.stringMatching(reason),
    })
  })

  test.each([
    [10_000_000, { chunks: 1_000, rows: 10_000_000 }],
    [10_000_001, { code: 'file.too_many_rows' }],
  ])(
    'scans %i rows in a heap of 24 MB',
    async (rows, expected) => {
      const worker = new Worker(planManyRows, {
        eval: true,
        workerData: { rows, planFile: new URL('./plan-file.ts', import.meta.url).href, limits: uploadLimits },
        resourceLimits: { maxOldGenerationSizeMb: 24, maxYoungGenerationSizeMb: 8 },
      })
      const [found] = await once(worker, 'message')
      expect(found).toEqual(expected)
    },
    60_000,
  )

  test('makes no plan of a stream that ends early', async () => {
    const file = text('a,A,1,1\n', 'b,B,1,1\n')
    async function* from() {
      yield file.subarray(0, -8)
    }
    const half = planFile({ sizeBytes: file.length, head: file, from }, uploadLimits)
    await expect(half).rejects.toThrow(`byte ${file.length - 8} of ${file.length}`)
  })

  test('refuses more rows than one file may have', async () => {
    expect(await plan(text('a,A,1,1\n', 'b,B,1,1\n'), { rows: 1 })).toMatchObject({
      code: 'file.too_many_rows',
    })
    expect(await plan(text('a,A,1,1\n', 'b,B,1,1\n'), { rows: 2 })).toMatchObject({ chunks: [{ rows: 2 }] })
  })

  test('its chunks, cut anywhere, hold every row once, on its line, and no more than their limits', async () => {
    const name = fc
      .string({ unit: fc.constantFrom('a', 'ü', '"', ',', '\n', '\r\n', '\r'), minLength: 1, maxLength: 8 })
      .map((value) => `"${value.replaceAll('"', '""')}"`)
    const row = fc
      .tuple(fc.stringMatching(/^[A-Z]$/), fc.oneof(name, fc.constant('Tea')), fc.constantFrom('1', 'x'))
      .map(([sku, its, quantity]) => `${sku},${its},${quantity},1`)
    const lineEnd = fc.constantFrom('\n', '\r\n', '\r', '\n\n')
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.tuple(row, lineEnd).map(([its, end]) => its + end),
          { minLength: 1, maxLength: 12 },
        ),
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 50 }),
        async (rows, chunkBytes, chunkRows, blockBytes) => {
          const file = text(...rows)
          const limits = { chunkBytes, chunkRows }
          const found = await plan(file, limits, blockBytes)
          if ('code' in found) throw new Error(found.reason)
          const read = (start: number, end: number, line: number) =>
            readChunk(file.subarray(start, end), { line, columns: found.columns, exponent: 2 })
          const parts = found.chunks.map(({ start, end, line }) => read(start, end, line))
          expect({
            rows: parts.flatMap((part) => part.rows),
            rejects: parts.flatMap((part) => part.rejects),
          }).toEqual(read(header.length, file.length, 2))
          found.chunks.forEach((chunk, index) => {
            expect(chunk.rows).toBe((parts[index]?.rows.length ?? 0) + (parts[index]?.rejects.length ?? 0))
            expect(
              chunk.rows === 1 || (chunk.rows <= chunkRows && chunk.end - chunk.start <= chunkBytes),
            ).toBe(true)
          })
        },
      ),
    )
  })
})
