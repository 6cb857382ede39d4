import { MerchantId } from '@stockroom/domain/merchant-id'
import { describe, expect, test } from 'vitest'
import { keyedRequest, readIdempotencyKey } from './keyed-request.ts'

describe('an Idempotency-Key', () => {
  test.each([
    ['8e03978e-40d5-43dd-bc93-6894a57f9324', '8e03978e-40d5-43dd-bc93-6894a57f9324'],
    ['"8e03978e-40d5-43dd-bc93-6894a57f9324"', '8e03978e-40d5-43dd-bc93-6894a57f9324'],
    ['"a\\\\b"', 'a\\b'],
    ['k', 'k'],
    ['k'.repeat(255), 'k'.repeat(255)],
  ])('written %s is %s', (header, key) => {
    expect(readIdempotencyKey(header)).toBe(key)
  })

  test.each([
    '',
    ' ',
    '""',
    'k'.repeat(256),
    `"${'k'.repeat(256)}"`,
    'kéy',
    'a b',
    'a\tb',
    '__proto__',
    '"__proto__"',
    'one, two',
    '"one", "two"',
    '"one',
  ])('written %j is refused', (header) => {
    expect(() => readIdempotencyKey(header)).toThrow(
      expect.objectContaining({ code: 'idempotency.key_invalid' }),
    )
  })

  test('that is missing is refused by another name', () => {
    expect(() => readIdempotencyKey(undefined)).toThrow(
      expect.objectContaining({ code: 'idempotency.key_missing' }),
    )
  })
})

describe('the fingerprint of a request', () => {
  const caller = { merchant: MerchantId.parse('acme'), principal: 'client-1' }
  const fingerprint = (json: string, method = 'POST', path = '/orders') =>
    keyedRequest(caller, 'POST /orders', 'k', { method, path, body: JSON.parse(json) }).fingerprint

  test.each([
    ['the order of members', '{"a":1,"b":{"c":2,"d":3}}', '{"b":{"d":3,"c":2},"a":1}'],
    ['white space', '{"a":[1,2]}', ' { "a" : [ 1 , 2 ] } '],
    ['how a number is written', '{"a":1}', '{"a":1.0}'],
    ['how a character is written', '{"a":"\u00e9"}', '{"a":"\\u00e9"}'],
  ])('does not depend on %s', (_, one, other) => {
    expect(fingerprint(one)).toBe(fingerprint(other))
  })

  test.each([
    ['a value', '{"a":1}', '{"a":2}'],
    ['the order of an array', '[1,2]', '[2,1]'],
    ['the type of a value', '{"a":1}', '{"a":"1"}'],
    ['a member named __proto__', '{"a":1}', '{"a":1,"__proto__":2}'],
    ['an object in place of its pairs', '{"a":1}', '[["a",1]]'],
  ])('depends on %s', (_, one, other) => {
    expect(fingerprint(one)).not.toBe(fingerprint(other))
  })

  test('depends on method and path', () => {
    const all = [fingerprint('{}'), fingerprint('{}', 'PUT'), fingerprint('{}', 'POST', '/orders/1')]
    expect(new Set(all).size).toBe(3)
  })
})
