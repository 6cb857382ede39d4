import type { S3Event } from 'aws-lambda'
import { expect, test } from 'vitest'
import { ManualClock } from '../manual-clock.ts'
import { type BucketNotification, BucketNotifications } from './bucket-notifications.ts'
import type { EventSourceFact } from './event-source-observer.ts'
import type { ObjectEvent } from './object-event.ts'
import { encodeNotificationKey } from './s3-event-message.ts'

const created: ObjectEvent = {
  name: 'ObjectCreated:Put',
  bucket: 'files',
  key: 'in/über file+1 (2).csv',
  at: Date.parse('2026-01-02T03:04:05.678Z'),
  sequencer: '0055AED6DCD90281E5',
  size: 7,
  eTag: 'abc',
  versionId: 'v1',
  principalId: 'writer',
  sourceIp: '127.0.0.1',
  requestId: 'request-1',
}

const scenario = (
  notifications: readonly Partial<BucketNotification>[],
  { allowed = () => true, failures = 0 }: { allowed?: () => boolean; failures?: number } = {},
) => {
  const clock = new ManualClock(created.at)
  const sent: { queue: string; body: string }[] = []
  const facts: EventSourceFact[] = []
  let left = failures
  const queue = (name: string) => ({
    queueArn: `arn:aws:sqs:eu-west-1:000000000000:${name}`,
    send: async ({ body }: { body: string }) => {
      if (left-- > 0) throw new Error('connection reset')
      sent.push({ queue: name, body })
    },
  })
  const bucket = {
    name: 'files',
    arn: 'arn:aws:s3:::files',
    region: 'eu-west-1',
    ownerId: '000000000000',
  }
  const source = new BucketNotifications(
    bucket,
    notifications.map((notification, index) => ({
      id: `rule-${index}`,
      events: ['s3:ObjectCreated:*'],
      queue: queue(`queue-${index}`),
      ...notification,
    })),
    { clock, observe: (fact) => facts.push(fact), authorize: allowed },
  )
  const records = () => sent.flatMap(({ body }) => (JSON.parse(body) as S3Event).Records ?? [])
  return { clock, sent, facts, source, records, queue }
}

test('sends the message of structure 2.1', async () => {
  const s = scenario([{}])
  s.source.accept(created)
  await s.source.close()
  expect(s.records()).toEqual([
    {
      eventVersion: '2.1',
      eventSource: 'aws:s3',
      awsRegion: 'eu-west-1',
      eventTime: '2026-01-02T03:04:05.678Z',
      eventName: 'ObjectCreated:Put',
      userIdentity: { principalId: 'writer' },
      requestParameters: { sourceIPAddress: '127.0.0.1' },
      responseElements: { 'x-amz-request-id': 'request-1', 'x-amz-id-2': 'request-1' },
      s3: {
        s3SchemaVersion: '1.0',
        configurationId: 'rule-0',
        bucket: { name: 'files', ownerIdentity: { principalId: '000000000000' }, arn: 'arn:aws:s3:::files' },
        object: {
          key: 'in/%C3%BCber+file%2B1+%282%29.csv',
          size: 7,
          eTag: 'abc',
          versionId: 'v1',
          sequencer: '0055AED6DCD90281E5',
        },
      },
    },
  ])
})

test.each(['a b', 'a+b', "ü/~x!*'().txt", '%41', '日本'])(
  'the key %s survives encoding and decoding',
  (key) => {
    expect(decodeURIComponent(encodeNotificationKey(key).replaceAll('+', ' '))).toBe(key)
  },
)

test('tells every destination once with a test event that has no records', async () => {
  const s = scenario([{ prefix: 'a/' }, { prefix: 'b/' }])
  await s.source.connect()
  expect(s.sent.map(({ queue, body }) => [queue, JSON.parse(body)])).toEqual(
    ['queue-0', 'queue-1'].map((queue) => [
      queue,
      {
        Service: 'Amazon S3',
        Event: 's3:TestEvent',
        Time: '2026-01-02T03:04:05.678Z',
        Bucket: 'files',
        RequestId: expect.any(String),
        HostId: expect.any(String),
      },
    ]),
  )
})

test.each<[string, Partial<BucketNotification>, Partial<ObjectEvent>, number]>([
  ['a prefix that matches', { prefix: 'in/' }, {}, 1],
  ['another prefix', { prefix: 'out/' }, {}, 0],
  ['a suffix that matches', { suffix: '.csv' }, {}, 1],
  ['another suffix', { suffix: '.txt' }, {}, 0],
  ['the exact event', { events: ['s3:ObjectCreated:Put'] }, {}, 1],
  ['another event', { events: ['s3:ObjectCreated:Post'] }, {}, 0],
  ['another event family', { events: ['s3:ObjectRemoved:*'] }, {}, 0],
  ['a removal', { events: ['s3:ObjectRemoved:*'] }, { name: 'ObjectRemoved:DeleteMarkerCreated' }, 1],
])('with %s as its rule', async (_, rule, event, messages) => {
  const s = scenario([rule])
  s.source.accept({ ...created, ...event })
  await s.source.close()
  expect(s.sent).toHaveLength(messages)
})

test('refuses to connect to a queue whose policy does not let S3 send', async () => {
  const s = scenario([{}], { allowed: () => false })
  await expect(s.source.connect()).rejects.toThrow(
    'Unable to validate the following destination configurations',
  )
  expect(s.sent).toEqual([])
})

test('a policy that changed later discards the message and says so', async () => {
  const s = scenario([{}], { allowed: () => false })
  s.source.accept(created)
  await s.source.close()
  expect(s.facts).toEqual([{ kind: 'discarded', records: 1, condition: 'the queue policy denies it' }])
})

test('tries again when the queue does not answer', async () => {
  const s = scenario([{}], { failures: 2 })
  s.source.accept(created)
  await s.clock.advance(1_000)
  expect(s.records()).toHaveLength(1)
  expect(s.facts.map((fact) => fact.kind)).toEqual(['trouble', 'trouble'])
})

test('refuses rules that overlap, unknown events and FIFO queues', () => {
  expect(() => scenario([{ prefix: 'a' }, { prefix: 'a/b' }])).toThrow('rule-0 and rule-1 overlap')
  expect(() => scenario([{ prefix: 'a' }, { prefix: 'b' }])).not.toThrow()
  expect(() => scenario([{ suffix: '.csv' }, { suffix: '.txt' }])).not.toThrow()
  expect(() => scenario([{}, { events: ['s3:ObjectRemoved:*'] }])).not.toThrow()
  expect(() => scenario([{ events: ['s3:ObjectRestore:*'] }])).toThrow('s3:ObjectRestore:* is not emulated')
  expect(() => scenario([{ queue: scenario([]).queue('x.fifo') }])).toThrow('FIFO')
})
