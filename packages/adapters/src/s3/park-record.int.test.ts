import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import { ManualClock } from '@stockroom/domain/manual-clock'
import { localEnvironment } from '@stockroom/local-cloud/arn'
import { bucketNamed, credentials, testDoor } from '@stockroom/local-cloud/s3/s3-test-door'
import { type S3Server, startS3 } from '@stockroom/local-cloud/s3/start-s3'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { makeParkRecord } from './park-record.ts'

let directory: string
let server: S3Server
let client: S3Client

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'park-record-'))
  server = await startS3({
    dataDirectory: directory,
    environment: localEnvironment,
    door: testDoor(),
    onObjectEvent: () => undefined,
  })
  server.createBucket(bucketNamed('failures'))
  client = new S3Client({
    region: localEnvironment.region,
    endpoint: server.endpoint,
    credentials,
    forcePathStyle: true,
  })
})
afterAll(async () => {
  client.destroy()
  await server.close()
  await rm(directory, { recursive: true })
})

it('stores a record whole, once however often it is parked', async () => {
  const park = makeParkRecord({ client, failuresBucket: 'failures', clock: new ManualClock() })
  const record = { eventName: 'INSERT', dynamodb: { SequenceNumber: '42', NewImage: { pk: { S: 'x' } } } }
  await park(record, 'no JSON')
  await park(record, 'no JSON')

  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: 'failures' }))
  expect(Contents.map(({ Key }) => Key)).toEqual(['aws/lambda/unreadable/42'])
  const { Body } = await client.send(
    new GetObjectCommand({ Bucket: 'failures', Key: 'aws/lambda/unreadable/42' }),
  )
  const parked = JSON.parse((await Body?.transformToString()) ?? '')
  expect(parked.requestContext).toEqual({ condition: 'UnreadableRecord', reason: 'no JSON' })
  expect(JSON.parse(parked.payload)).toEqual({ Records: [record] })
})
