import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { S3Client } from '@aws-sdk/client-s3'
import { MerchantId } from '@stockroom/domain/merchant-id'
import { salesReportsContract } from '@stockroom/domain/report/sales-reports-contract'
import { UtcDay } from '@stockroom/domain/report/utc-day'
import { localEnvironment } from '@stockroom/local-cloud/arn'
import { bucketNamed, credentials, testDoor } from '@stockroom/local-cloud/s3/s3-test-door'
import { type S3Server, startS3 } from '@stockroom/local-cloud/s3/start-s3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { S3SalesReports } from './s3-sales-reports.ts'

let directory: string
let server: S3Server
let reports: S3SalesReports

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sales-reports-'))
  server = await startS3({
    dataDirectory: directory,
    environment: localEnvironment,
    door: testDoor(),
    onObjectEvent: () => undefined,
  })
  server.createBucket(bucketNamed('exports'))
  const client = new S3Client({
    region: localEnvironment.region,
    endpoint: server.endpoint,
    credentials,
    forcePathStyle: true,
  })
  reports = new S3SalesReports({ client, exportsBucket: 'exports', clock: { now: () => new Date() } })
})
afterAll(async () => {
  await server.close()
  await rm(directory, { recursive: true })
})

let merchants = 0
salesReportsContract(
  'S3SalesReports',
  () => reports,
  () => MerchantId.parse(`m-${++merchants}`),
)

test('a link is good for five minutes and for this file', async () => {
  const [merchant, day] = [MerchantId.parse('m-link'), UtcDay.parse('2026-11-22')]
  await reports.write({ merchant, day, rows: 0, csv: '' })
  const found = await reports.find(merchant, day)
  const url = new URL(found?.url ?? '')
  expect(url.searchParams.get('X-Amz-Expires')).toBe('300')
  url.pathname = url.pathname.replace('2026-11-22', '2026-11-23')
  expect((await fetch(url)).status).toBe(403)
})
