import fc from 'fast-check'
import { expect, test } from 'vitest'
import { TextCheck } from './text-check.ts'

const decodes = (bytes: Uint8Array) => {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return true
  } catch {
    return false
  }
}
const accepts = (...blocks: Uint8Array[]) => {
  const check = new TextCheck()
  return blocks.every((block) => check.push(block) === undefined) && !check.incomplete
}

/** Every byte that begins, continues or breaks a sequence, and valid text between. */
const someBytes = fc
  .array(
    fc.oneof(
      fc
        .constantFrom(
          0x41,
          0x7f,
          0x80,
          0x8f,
          0x90,
          0x9f,
          0xa0,
          0xbf,
          0xc0,
          0xc1,
          0xc2,
          0xdf,
          0xe0,
          0xe1,
          0xed,
          0xef,
        )
        .map((byte) => [byte]),
      fc.constantFrom(0xf0, 0xf1, 0xf4, 0xf5, 0xff).map((byte) => [byte]),
      fc
        .string({ unit: 'binary', minLength: 1, maxLength: 2 })
        .map((text) => [...Buffer.from(text)].filter((byte) => byte > 0)),
    ),
    { maxLength: 6 },
  )
  .map((pieces) => Uint8Array.from(pieces.flat()))

test('accepts exactly what the fatal decoder accepts, in blocks of any size', () => {
  fc.assert(
    fc.property(someBytes, fc.nat(20), (bytes, cut) => {
      expect(accepts(bytes.subarray(0, cut), bytes.subarray(cut))).toBe(decodes(bytes))
    }),
    { numRuns: 2_000 },
  )
})

test.each([
  ['a NUL', [0x61, 0x00], { index: 1, fault: 'nul' }],
  ['Windows-1252', [...Buffer.from('Größe', 'latin1')], { index: 2, fault: 'not_utf8' }],
  ['a surrogate', [0xed, 0xa0, 0x80], { index: 1, fault: 'not_utf8' }],
  ['an overlong slash', [0xc0, 0xaf], { index: 0, fault: 'not_utf8' }],
  ['an overlong slash of three bytes', [0xe0, 0x80, 0xaf], { index: 1, fault: 'not_utf8' }],
  ['an overlong slash of four bytes', [0xf0, 0x80, 0x80, 0xaf], { index: 1, fault: 'not_utf8' }],
  ['what is beyond the last code point', [0xf4, 0x90, 0x80, 0x80], { index: 1, fault: 'not_utf8' }],
  ['a letter in the middle of a character', [0xc3, 0x41], { index: 1, fault: 'not_utf8' }],
])('tells where %s stands', (_, bytes, expected) => {
  expect(new TextCheck().push(Uint8Array.from(bytes))).toEqual(expected)
})
