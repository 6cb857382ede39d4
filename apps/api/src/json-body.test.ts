import { describe, expect, test } from 'vitest'
import { maxBodyBytes, readJsonBody } from './json-body.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const json = 'application/json'
const refusedAs = (code: string) => expect.objectContaining({ code })

test.each(['application/json', 'application/json; charset=utf-8', 'Application/JSON;charset="UTF-8"'])(
  'reads JSON that comes as %s',
  (contentType) => {
    expect(readJsonBody(bytes('{"name":"é"}'), contentType)).toEqual({ name: 'é' })
  },
)

test.each([
  undefined,
  '',
  'text/plain',
  'application/jsonx',
  'application/json; charset=latin1',
  'application/problem+json',
])('refuses a body that comes as %j', (contentType) => {
  expect(() => readJsonBody(bytes('{}'), contentType)).toThrow(refusedAs('request.unsupported_media_type'))
})

test('refuses a compressed body, which could be any size', () => {
  expect(() => readJsonBody(bytes('{}'), json, 'gzip')).toThrow(refusedAs('request.unsupported_media_type'))
})

test('takes a body of the greatest size and none larger by a byte', () => {
  const full = `"${'a'.repeat(maxBodyBytes - 2)}"`
  expect(readJsonBody(bytes(full), json)).toHaveLength(maxBodyBytes - 2)
  expect(() => readJsonBody(bytes(`${full} `), json)).toThrow(refusedAs('request.too_large'))
})

describe('a body that cannot be read', () => {
  test.each(['', '{', '{"a":1}{', "{'a':1}", 'NaN', '{"a":01}'])('is one that reads %j', (text) => {
    expect(() => readJsonBody(bytes(text), json)).toThrow(refusedAs('request.unreadable'))
  })

  test('is one that is not UTF-8', () => {
    expect(() => readJsonBody(Uint8Array.of(0x22, 0xc3, 0x28, 0x22), json)).toThrow(
      refusedAs('request.unreadable'),
    )
  })

  test('is one nested a hundred thousand deep', () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000)
    expect(() => readJsonBody(bytes(deep), json)).toThrow(refusedAs('request.unreadable'))
  })

  test('begins with the 33rd level', () => {
    const nested = (levels: number) => bytes(`${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`)
    expect(() => readJsonBody(nested(32), json)).not.toThrow()
    expect(() => readJsonBody(nested(33), json)).toThrow(refusedAs('request.unreadable'))
  })
})

test('keeps a member named __proto__ a member', () => {
  const body = readJsonBody(bytes('{"__proto__":{"admin":true}}'), json)
  expect(Object.keys(Object(body))).toEqual(['__proto__'])
  expect(Object.getPrototypeOf(body)).toBe(Object.prototype)
})
