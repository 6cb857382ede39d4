import { expect, test } from 'vitest'
import { readRow } from './read-row.ts'

const columns = { count: 4, sku: 0, name: 1, quantity: 2, unitPrice: 3 }
const read = (...fields: string[]) => readRow(fields, { line: 7, columns, exponent: 2 })

test.each([
  [['T-1', 'Tea', '3', '2.50'], { sku: 'T-1', name: 'Tea', quantity: 3, amount: 250 }],
  [[' T-1 ', ' Tea ', ' 3 ', ' 2.50 '], { sku: 'T-1', name: 'Tea', quantity: 3, amount: 250 }],
  [['T-1', '=1+1', '1000000', '0'], { sku: 'T-1', name: '=1+1', quantity: 1_000_000, amount: 0 }],
  [['T-1', 'n'.repeat(200), '01', '1'], { sku: 'T-1', name: 'n'.repeat(200), quantity: 1, amount: 100 }],
])('reads %j', (fields, row) => {
  expect(read(...fields)).toEqual({ line: 7, ...row })
})

test.each([
  [['', 'Tea', '3', '2.50'], 'sku'],
  [['T 1', 'Tea', '3', '2.50'], 'sku'],
  [['#1', 'Tea', '3', '2.50'], 'sku'],
  [['x'.repeat(65), 'Tea', '3', '2.50'], 'sku'],
  [['T-1', '', '3', '2.50'], 'name'],
  [['T-1', 'n'.repeat(201), '3', '2.50'], 'name'],
  [['T-1', 'Tea', '0', '2.50'], 'quantity'],
  [['T-1', 'Tea', '-1', '2.50'], 'quantity'],
  [['T-1', 'Tea', '1.5', '2.50'], 'quantity'],
  [['T-1', 'Tea', '1e3', '2.50'], 'quantity'],
  [['T-1', 'Tea', '1000001', '2.50'], 'quantity'],
  [['T-1', 'Tea', '9007199254740993', '2.50'], 'quantity'],
  [['T-1', 'Tea', '', '2.50'], 'quantity'],
  [['T-1', 'Tea', 'NaN', '2.50'], 'quantity'],
  [['T-1', 'Tea', '3', '2.505'], 'unit_price'],
  [['T-1', 'Tea', '3', '-2.50'], 'unit_price'],
  [['T-1', 'Tea', '3', '2,50'], 'unit_price'],
  [['T-1', 'Tea', '3', ''], 'unit_price'],
  [['T-1', 'Tea', '3'], ''],
  [['T-1', 'Tea', '3', '2.50', ''], ''],
  [['', '', '', ''], 'sku'],
])('rejects %j for its %s', (fields, column) => {
  expect(read(...fields)).toMatchObject({ line: 7, column, reason: expect.any(String) })
})

test('rejects a row whose fields nobody can tell apart', () => {
  expect(readRow(undefined, { line: 7, columns, exponent: 2 })).toMatchObject({ line: 7, column: '' })
})

test('shows a price of its currency as an example', () => {
  const reason = (exponent: number) => readRow(['T', 'Tea', '3', 'x'], { line: 7, columns, exponent })
  expect([0, 2, 3].map(reason)).toMatchObject([
    { reason: expect.stringContaining('like 12,') },
    { reason: expect.stringContaining('like 12.50,') },
    { reason: expect.stringContaining('like 12.500,') },
  ])
})
