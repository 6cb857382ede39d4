import { expect, test } from 'vitest'
import { createdKeys, S3Notification } from './s3-notification.ts'

const record = (key: string, eventName = 'ObjectCreated:Post') => ({
  eventVersion: '2.1',
  eventSource: 'aws:s3',
  eventName,
  s3: { bucket: { name: 'uploads' }, object: { key, size: 7, eTag: 'e', sequencer: '0A' } },
})
const keys = (body: unknown) => createdKeys(S3Notification.parse(body))

/** As S3 does it: every byte but unreserved ones and slashes, and `+` for a space. */
const encoded = (key: string) => encodeURIComponent(key).replaceAll('%2F', '/').replaceAll('%20', '+')

test.each([
  'a b+c.csv',
  'ü%20.csv',
  'a%2Bb.csv',
  'dir/x=1&y.csv',
  'slash/',
  '😀.csv',
  '%2Ecsv',
  'x'.repeat(1_024),
])('decodes %j once', (key) => {
  expect(keys({ Records: [record(encoded(key))] })).toEqual([key])
})

test('takes every new object of a message and nothing that was removed', () => {
  const Records = [record('a'), record('b', 'ObjectRemoved:Delete'), record('c', 'ObjectCreated:Put')]
  expect(keys({ Records })).toEqual(['a', 'c'])
})

test.each([
  [
    'the test event',
    { Service: 'Amazon S3', Event: 's3:TestEvent', Time: '2026-11-23T09:00:00Z', Bucket: 'uploads' },
  ],
  ['a message without records', { Records: [] }],
])('finds nothing in %s', (_, body) => {
  expect(keys(body)).toEqual([])
})

test.each([
  [null],
  ['text'],
  [{}],
  [{ Event: 's3:OtherEvent' }],
  [{ Records: [{}] }],
  [{ Records: [record('%')] }],
])('throws for %j', (body) => {
  expect(() => keys(body)).toThrow()
})
