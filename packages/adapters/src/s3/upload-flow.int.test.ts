import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { S3Client } from '@aws-sdk/client-s3'
import { CountingIds } from '@stockroom/domain/counting-ids'
import { MerchantId } from '@stockroom/domain/merchant-id'
import { Currency } from '@stockroom/domain/money'
import { makeImportChunk } from '@stockroom/domain/upload/import-chunk'
import { InMemoryChunkQueue } from '@stockroom/domain/upload/in-memory-chunk-queue'
import { makePlanUpload } from '@stockroom/domain/upload/plan-upload'
import { makeRequestUpload } from '@stockroom/domain/upload/request-upload'
import { uploadLimits } from '@stockroom/domain/upload/upload-limits'
import { localEnvironment } from '@stockroom/local-cloud/arn'
import { startTables, type TablesEngine } from '@stockroom/local-cloud/engines/dynamodb'
import { bucketNamed, credentials, testDoor } from '@stockroom/local-cloud/s3/s3-test-door'
import { type S3Server, startS3 } from '@stockroom/local-cloud/s3/start-s3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DynamoDbProductRepository } from '../dynamodb/dynamodb-product-repository.ts'
import { DynamoDbUploadRepository } from '../dynamodb/dynamodb-upload-repository.ts'
import { S3DeliveryFiles } from './s3-delivery-files.ts'
import { S3RejectFiles } from './s3-reject-files.ts'
import { S3RejectLinks } from './s3-reject-links.ts'
import { S3UploadForms } from './s3-upload-forms.ts'

let directory: string
let engine: TablesEngine
let server: S3Server
let flow: ReturnType<typeof flowOver>

/** The use cases over the real stores; only the queue is ours, so that the test decides what is delivered when. */
const flowOver = (tables: TablesEngine, s3: S3Client) => {
  const clock = { now: () => new Date() }
  const client = new DynamoDBClient(tables.clientConfig)
  const shopTable = tables.tableName('TablesShop')
  const uploads = new DynamoDbUploadRepository({
    client,
    shopTable,
    outboxTable: tables.tableName('TablesOutbox'),
    clock,
  })
  const ports = {
    uploads,
    files: new S3DeliveryFiles({ client: s3, uploadsBucket: 'uploads' }),
    rejectFiles: new S3RejectFiles({ client: s3, exportsBucket: 'exports' }),
    forms: new S3UploadForms({ client: s3, uploadsBucket: 'uploads' }),
    queue: new InMemoryChunkQueue(),
    limits: { ...uploadLimits, chunkRows: 400 },
    ids: new CountingIds(),
    clock,
  }
  return {
    client,
    products: new DynamoDbProductRepository({ client, shopTable }),
    queue: ports.queue,
    links: new S3RejectLinks({ client: s3, exportsBucket: 'exports' }),
    requestUpload: makeRequestUpload(ports),
    planUpload: makePlanUpload(ports),
    importChunk: makeImportChunk(ports),
    uploads,
  }
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'upload-flow-'))
  server = await startS3({
    dataDirectory: directory,
    environment: localEnvironment,
    door: testDoor(),
    onObjectEvent: () => undefined,
  })
  server.createBucket(bucketNamed('uploads', { versioning: true }))
  server.createBucket(bucketNamed('exports'))
  engine = await startTables(fileURLToPath(new URL('../../../../infra/cdk.out', import.meta.url)))
  const { region } = localEnvironment
  flow = flowOver(
    engine,
    new S3Client({ region, endpoint: server.endpoint, credentials, forcePathStyle: true }),
  )
})
afterAll(async () => {
  flow.client.destroy()
  await Promise.all([engine.close(), server.close()])
  await rm(directory, { recursive: true })
})

test('a file whose every chunk is delivered twice at once is added once, row by row', async () => {
  const merchant = MerchantId.parse('acme')
  const command = { merchant, filename: 'delivery.csv', currency: Currency.parse('GBP') }
  const { upload, form } = await flow.requestUpload(command, { correlationId: 'c' })

  // Every sku in several chunks, every fiftieth row wrong.
  const skus = Array.from({ length: 300 }, (_, index) => `sku-${index}`)
  const rows = Array.from({ length: 2_000 }, (_, index) =>
    index % 50 === 0 ? 'bad sku,Name,1,1.00' : `${skus[index % 300]},"Name\nof it",2,1.25`,
  )
  const body = new FormData()
  for (const [name, value] of Object.entries(form.fields)) body.append(name, value)
  body.append('file', new Blob([`sku,name,quantity,unit_price\r\n${rows.join('\r\n')}`]))
  expect((await fetch(form.url, { method: 'POST', body })).status).toBe(204)

  const address = { merchant, uploadId: upload.id }
  await Promise.all([flow.planUpload(address), flow.planUpload(address)])
  const { messages } = flow.queue
  expect(messages).toHaveLength(5 * 2)
  await Promise.all(messages.map((message) => flow.importChunk(message.address, message.cause)))

  expect(await flow.uploads.find(merchant, upload.id)).toMatchObject({
    status: 'imported_with_rejects',
    version: 2,
    rows: 2_000,
    rowsAccepted: 1_960,
    rowsRejected: 40,
  })
  let received = 0
  let after: string | undefined
  do {
    const page = await flow.products.page(
      merchant,
      after === undefined ? { limit: 100 } : { limit: 100, after },
    )
    received += page.items.reduce((sum, product) => sum + product.received, 0)
    after = page.next
  } while (after !== undefined)
  expect(received).toBe(2 * 1_960)

  const rejects = await (await fetch(await flow.links.link(address, 60))).text()
  const lines = rejects.trim().split('\r\n').slice(1)
  expect(lines).toHaveLength(40)
  expect(lines[1]).toMatch(/^101,sku,bad sku,/)
  expect(lines.map((line) => Number(line.split(',')[0]))).toEqual(
    lines.map((line) => Number(line.split(',')[0])).toSorted((a, b) => a - b),
  )
}, 60_000)

test('two files of the same skus, imported side by side, add all their units', async () => {
  const merchant = MerchantId.parse('two-files')
  const rows = Array.from({ length: 900 }, (_, index) => `sku-${index % 150},Name,1,1.25`)
  const file = new Blob([`sku,name,quantity,unit_price\n${rows.join('\n')}\n`])
  const addresses = await Promise.all(
    ['one.csv', 'two.csv'].map(async (filename) => {
      const command = { merchant, filename, currency: Currency.parse('GBP') }
      const { upload, form } = await flow.requestUpload(command, { correlationId: filename })
      const body = new FormData()
      for (const [name, value] of Object.entries(form.fields)) body.append(name, value)
      body.append('file', file)
      expect((await fetch(form.url, { method: 'POST', body })).status).toBe(204)
      return { merchant, uploadId: upload.id }
    }),
  )
  flow.queue.messages.length = 0
  await Promise.all(addresses.map((address) => flow.planUpload(address)))
  const { messages } = flow.queue
  expect(messages).toHaveLength(2 * 3)
  await Promise.all(messages.map((message) => flow.importChunk(message.address, message.cause)))

  for (const { uploadId } of addresses)
    expect(await flow.uploads.find(merchant, uploadId)).toMatchObject({
      status: 'imported',
      rowsAccepted: 900,
      rowsRejected: 0,
    })
  const first = await flow.products.page(merchant, { limit: 100 })
  const rest = await flow.products.page(merchant, { limit: 100, after: first.next ?? '' })
  const received = [...first.items, ...rest.items].map((product) => product.received)
  expect(received).toEqual(Array.from({ length: 150 }, () => 2 * 6))
}, 60_000)
