import { expect, test } from 'vitest'
import { enforcePolicy, parsePolicy } from './post-policy.ts'

const encode = (document: unknown) => Buffer.from(JSON.stringify(document)).toString('base64')
const expiration = '2026-01-01T00:00:00Z'
const before = Date.parse(expiration) - 1

const enforce = (conditions: readonly unknown[], fields: Readonly<Record<string, string>>, now = before) =>
  enforcePolicy(
    parsePolicy(encode({ expiration, conditions })),
    new Map(Object.entries(fields)),
    'files',
    now,
  )

test('a policy is void from the millisecond of its expiration', () => {
  expect(() => enforce([], {}, before)).not.toThrow()
  expect(() => enforce([], {}, before + 1)).toThrow('Invalid according to Policy: Policy expired.')
})

test('the narrowest of several size ranges holds', () => {
  const range = (min: unknown, max: unknown) => ['content-length-range', min, max]
  expect(enforce([range(1, 100), range('5', '50')], {})).toEqual({ minSize: 5, maxSize: 50 })
  expect(enforce([], {})).toEqual({ minSize: 0, maxSize: Number.POSITIVE_INFINITY })
})

test('eq is exact, starts-with is a prefix, and both need the field', () => {
  expect(() => enforce([['eq', '$Key', 'a']], { key: 'a' })).not.toThrow()
  expect(() => enforce([{ key: 'a' }], { key: 'A' })).toThrow('["eq","$key","a"]')
  expect(() => enforce([['starts-with', '$key', 'in/']], { key: 'in/x' })).not.toThrow()
  expect(() => enforce([['starts-with', '$key', 'in/']], { key: 'out/in/' })).toThrow('starts-with')
  expect(() => enforce([['starts-with', '$key', '']], { key: 'anything' })).not.toThrow()
  expect(() => enforce([['starts-with', '$key', '']], {})).toThrow('starts-with')
})

test('the bucket condition is about the bucket addressed, whatever the form says', () => {
  expect(() => enforce([{ bucket: 'files' }], { bucket: 'other' })).not.toThrow()
  expect(() => enforce([{ bucket: 'other' }], { bucket: 'other' })).toThrow('["eq","$bucket","other"]')
})

test('every field needs a condition, but for the exempt ones', () => {
  const exempt = { policy: 'p', 'x-amz-signature': 's', 'x-ignore-me': '1' }
  expect(() => enforce([], exempt)).not.toThrow()
  expect(() => enforce([], { ...exempt, tagging: 't' })).toThrow('Extra input fields: tagging')
})

test.each([
  ['no JSON', Buffer.from('{').toString('base64')],
  ['no expiration', encode({ conditions: [] })],
  ['a senseless expiration', encode({ expiration: 'tomorrow', conditions: [] })],
  ['no conditions', encode({ expiration })],
  ['an unknown operator', encode({ expiration, conditions: [['ends-with', '$key', 'x']] })],
  ['a field without its dollar sign', encode({ expiration, conditions: [['eq', 'key', 'x']] })],
  ['a value that is no text', encode({ expiration, conditions: [{ key: 1 }] })],
  ['a range that is no number', encode({ expiration, conditions: [['content-length-range', -1, 'x']] })],
])('a policy with %s is an InvalidPolicyDocument', (_what, policy) => {
  expect(() => parsePolicy(policy)).toThrow(expect.objectContaining({ code: 'InvalidPolicyDocument' }))
})
