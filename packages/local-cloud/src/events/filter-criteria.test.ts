import type { SQSRecord } from 'aws-lambda'
import { expect, test } from 'vitest'
import { compileQueueFilter, compileStreamFilter } from './filter-criteria.ts'

const event = {
  type: 'report',
  path: 'in/file.csv',
  count: 5,
  note: null,
  tags: ['red', 'green'],
  nested: { deep: { flag: true } },
  lines: [{ sku: 'a' }, { sku: 'b' }],
}

test.each<[pattern: object, matches: boolean]>([
  [{ type: ['report'] }, true],
  [{ type: ['other'] }, false],
  [{ type: ['other', 'report'] }, true],
  [{ type: ['report'], count: [6] }, false],
  [{ count: [5] }, true],
  [{ count: ['5'] }, false],
  [{ note: [null] }, true],
  [{ missing: [null] }, false],
  [{ type: [''] }, false],
  [{ path: [{ prefix: 'in/' }] }, true],
  [{ path: [{ prefix: 'out/' }] }, false],
  [{ path: [{ suffix: '.csv' }] }, true],
  [{ path: [{ suffix: '.txt' }] }, false],
  [{ type: [{ 'equals-ignore-case': 'REPORT' }] }, true],
  [{ type: [{ 'anything-but': 'report' }] }, false],
  [{ type: [{ 'anything-but': ['a', 'b'] }] }, true],
  [{ path: [{ 'anything-but': { prefix: 'in/' } }] }, false],
  [{ missing: [{ 'anything-but': 'a' }] }, false],
  [{ type: [{ exists: true }] }, true],
  [{ missing: [{ exists: true }] }, false],
  [{ missing: [{ exists: false }] }, true],
  [{ nested: [{ exists: true }] }, false],
  [{ count: [{ numeric: ['=', 5] }] }, true],
  [{ count: [{ numeric: ['>', 0, '<=', 5] }] }, true],
  [{ count: [{ numeric: ['>', 5] }] }, false],
  [{ type: [{ numeric: ['>', 0] }] }, false],
  [{ tags: ['green'] }, true],
  [{ tags: ['blue'] }, false],
  [{ nested: { deep: { flag: [true] } } }, true],
  [{ nested: { deep: { flag: [false] } } }, false],
  [{ lines: { sku: ['b'] } }, true],
  [{ lines: { sku: ['c'] } }, false],
  [{ $or: [{ type: ['other'] }, { count: [5] }] }, true],
  [{ $or: [{ type: ['other'] }, { count: [6] }] }, false],
])('%j matches: %j', (pattern, matches) => {
  expect(compileStreamFilter([JSON.stringify(pattern)])(event)).toBe(matches)
})

test('without filters everything passes; with several one is enough', () => {
  expect(compileStreamFilter(undefined)(event)).toBe(true)
  expect(compileStreamFilter(['{"type":["no"]}', '{"count":[5]}'])(event)).toBe(true)
})

test.each([
  ['not json', 'not JSON'],
  ['{"a":"b"}', '$.a'],
  ['{"a":[]}', '$.a'],
  ['{"a":{"b":[{"wildcard":"x*"}]}}', 'wildcard'],
  ['{"a":[{"numeric":["!",1]}]}', 'numeric'],
  ['{"a":[{"prefix":1}]}', 'text operand'],
  ['{"a":[{"prefix":"a","suffix":"b"}]}', 'more than one operator'],
])('refuses the pattern %s and names the place', (pattern, named) => {
  expect(() => compileStreamFilter([pattern])).toThrow(named)
})

const record = (body: string): SQSRecord => ({
  messageId: 'm',
  receiptHandle: 'r',
  body,
  attributes: {
    ApproximateReceiveCount: '1',
    SentTimestamp: '0',
    SenderId: 's',
    ApproximateFirstReceiveTimestamp: '0',
  },
  messageAttributes: { kind: { stringValue: 'x', dataType: 'String' } },
  md5OfBody: '',
  eventSource: 'aws:sqs',
  eventSourceARN: 'arn',
  awsRegion: 'eu-west-1',
})

test.each<[pattern: object, body: string, matches: boolean]>([
  [{ body: { n: [1] } }, '{"n":1}', true],
  [{ body: { n: [1] } }, '{"n":2}', false],
  [{ body: { n: [1] } }, 'plain', false],
  [{ body: { n: [1] } }, '{"n":1', false],
  [{ body: ['plain'] }, 'plain', true],
  [{ body: ['{"n":1}'] }, '{"n":1}', false],
  [{ messageAttributes: { kind: { stringValue: ['x'] } } }, 'plain', true],
])('the queue filter %j on the body %s matches: %j', (pattern, body, matches) => {
  expect(compileQueueFilter([JSON.stringify(pattern)])(record(body))).toBe(matches)
})
