import { expect, test } from 'vitest'
import { splitFields } from './split-fields.ts'

test.each([
  ['a,b', ['a', 'b']],
  ['', ['']],
  [',', ['', '']],
  ['"a,b",c', ['a,b', 'c']],
  ['"a""b"', ['a"b']],
  ['""', ['']],
  ['"""",""', ['"', '']],
  ['a,""', ['a', '']],
  ['"a",', ['a', '']],
  ['5" nail,"x"', ['5" nail', 'x']],
  ['"a"b,c', undefined],
  ['"a" ,c', undefined],
  ['"a', undefined],
])('splits %j', (record, fields) => {
  expect(splitFields(record)).toEqual(fields)
})
