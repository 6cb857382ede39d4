import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { RecordScanner, type ScannedRecord } from './record-scanner.ts'
import { splitFields } from './split-fields.ts'

const scan = (blocks: readonly Uint8Array[]) => {
  const records: ScannedRecord[] = []
  const scanner = new RecordScanner()
  for (const block of blocks) scanner.push(block, (record) => records.push(record))
  scanner.end((record) => records.push(record))
  return { records, scanner }
}
const texts = (text: string) => {
  const bytes = Buffer.from(text)
  return scan([bytes]).records.map(({ start, end, line }) => [line, bytes.toString('utf8', start, end)])
}

/** Bytes that mean something to the scanner, in any order. */
const anyFile = fc
  .array(fc.constantFrom('"', ',', '\r', '\n', '\r\n', 'a', 'ü', '""', '","'), { maxLength: 40 })
  .map((pieces) => Buffer.from(pieces.join('')))

describe('RecordScanner', () => {
  test.each([
    ['', []],
    ['\n\r\n\r', []],
    ['a', [[1, 'a']]],
    ['a\n', [[1, 'a']]],
    ['\na', [[2, 'a']]],
    ['\r\ra', [[3, 'a']]],
    [
      'a\rb\nc\r\nd',
      [
        [1, 'a'],
        [2, 'b'],
        [3, 'c'],
        [4, 'd'],
      ],
    ],
    [
      'a\n\n\r\nb',
      [
        [1, 'a'],
        [4, 'b'],
      ],
    ],
    [
      '"a\nb",c\nd',
      [
        [1, '"a\nb",c'],
        [3, 'd'],
      ],
    ],
    [
      '"a\r\nb\rc\nd"\ne',
      [
        [1, '"a\r\nb\rc\nd"'],
        [5, 'e'],
      ],
    ],
    [
      '"a""\nb"\nc',
      [
        [1, '"a""\nb"'],
        [3, 'c'],
      ],
    ],
    [
      '5" nail\n"x"',
      [
        [1, '5" nail'],
        [2, '"x"'],
      ],
    ],
    [
      '"a"b"\nc',
      [
        [1, '"a"b"'],
        [2, 'c'],
      ],
    ],
    ['a,"b\n', []],
  ])('finds the records of %j', (text, expected) => {
    expect(texts(text)).toEqual(expected)
  })

  test('says what stands open at the end of the file', () => {
    expect(scan([Buffer.from('a\n"b\nc')]).scanner.open).toEqual({ line: 2, bytes: 4, inQuotes: true })
    expect(scan([Buffer.from('a\n"b"')]).scanner.open).toBeUndefined()
  })

  test('finds the same records wherever the blocks are cut', () => {
    fc.assert(
      fc.property(anyFile, fc.array(fc.nat(60)), (file, cuts) => {
        const at = [0, ...cuts.map((cut) => Math.min(cut, file.length)).sort((a, b) => a - b), file.length]
        const blocks = at.slice(1).map((end, i) => file.subarray(at[i], end))
        expect(scan(blocks).records).toEqual(scan([file]).records)
      }),
    )
  })

  test('cut at every byte, also inside a character, reads what csv-parse reads of the whole', () => {
    const file = Buffer.from('üsku,"na""me"\r\n\r\n"a,\r\nb",€\r"🍵",""\n,\n"""",x\r\n"end\n"')
    const rowsOf = (records: readonly ScannedRecord[]) =>
      records.map(({ start, end }) => splitFields(file.toString('utf8', start, end)))
    const expected = parse(file, {
      record_delimiter: ['\r\n', '\n', '\r'],
      skip_empty_lines: true,
      relax_column_count: true,
    })
    expect(expected).toHaveLength(6)
    for (let cut = 0; cut <= file.length; cut++)
      expect(rowsOf(scan([file.subarray(0, cut), file.subarray(cut)]).records)).toEqual(expected)
    const bytes = Array.from(file, (_, index) => file.subarray(index, index + 1))
    expect(rowsOf(scan(bytes).records)).toEqual(expected)
  })

  test('goes on from the start of any record as if it had read what came before', () => {
    fc.assert(
      fc.property(anyFile, (file) => {
        const { records } = scan([file])
        records.forEach(({ start, line }, index) => {
          const rest: ScannedRecord[] = []
          const scanner = new RecordScanner(start, line)
          scanner.push(file.subarray(start), (record) => rest.push(record))
          scanner.end((record) => rest.push(record))
          expect(rest).toEqual(records.slice(index))
        })
      }),
    )
  })

  test('with splitFields reads what csv-parse reads', () => {
    const bare = fc.stringMatching(/^[a-zü =.-]{1,4}$/)
    const inQuotes = fc
      .string({ unit: fc.constantFrom('a', 'é', '"', ',', '\n', '\r\n', '\r', ' '), maxLength: 6 })
      .map((text) => `"${text.replaceAll('"', '""')}"`)
    const record = fc.tuple(bare, fc.oneof(bare, inQuotes, fc.constant('')), fc.oneof(bare, inQuotes))
    const file = fc
      .tuple(fc.array(record), fc.constantFrom('\n', '\r\n', '\r'), fc.boolean())
      .map(
        ([rows, lineEnd, trailing]) =>
          rows.map((row) => row.join(',')).join(lineEnd) + (trailing ? lineEnd : ''),
      )
    fc.assert(
      fc.property(file, (text) => {
        const ours = texts(text).map(([, record]) => splitFields(String(record)))
        expect(ours).toEqual(parse(text, { record_delimiter: ['\r\n', '\n', '\r'], skip_empty_lines: true }))
      }),
    )
  })
})
