import { expect, test } from 'vitest'
import { readHeader } from './read-header.ts'

test.each([
  ['sku,name,quantity,unit_price', { count: 4, sku: 0, name: 1, quantity: 2, unitPrice: 3 }],
  ['unit_price,quantity,name,sku', { count: 4, sku: 3, name: 2, quantity: 1, unitPrice: 0 }],
  [' SKU ,"Name",Quantity,Unit_Price', { count: 4, sku: 0, name: 1, quantity: 2, unitPrice: 3 }],
  [
    '__proto__,sku,name,quantity,unit_price,note,note',
    { count: 7, sku: 1, name: 2, quantity: 3, unitPrice: 4 },
  ],
])('finds the columns of %j', (header, columns) => {
  expect(readHeader(header)).toEqual(columns)
})

test.each([
  ['sku,name,quantity', 'header.column_missing', 'unit_price'],
  ['name,quantity,unit_price', 'header.column_missing', 'sku'],
  ['sku;name;quantity;unit_price', 'header.column_missing', 'sku'],
  ['sku,name,quantity,unit_price,SKU', 'header.column_twice', 'sku'],
  ['"sku"x,name,quantity,unit_price', 'header.unreadable', 'closing quote'],
])('refuses %j and says why', (header, code, word) => {
  expect(readHeader(header)).toEqual({ code, reason: expect.stringContaining(word) })
})
