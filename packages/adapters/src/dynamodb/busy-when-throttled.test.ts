import { Readable } from 'node:stream'
import { DynamoDBClient, GetItemCommand, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb'
import { Busy } from '@stockroom/domain/busy'
import { expect, it } from 'vitest'
import { busyWhenThrottled } from './busy-when-throttled.ts'

/** A client whose every call is answered with this error of DynamoDB. */
const failingWith = (type: string) =>
  busyWhenThrottled(
    new DynamoDBClient({
      region: 'eu-west-1',
      credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
      maxAttempts: 1,
      requestHandler: {
        handle: async () => ({
          response: {
            statusCode: 400,
            headers: { 'content-type': 'application/x-amz-json-1.0' },
            body: Readable.from([
              Buffer.from(JSON.stringify({ __type: `com.amazonaws.dynamodb#${type}`, message: 'no' })),
            ]),
          },
        }),
      },
    }),
  )
const get = new GetItemCommand({ TableName: 't', Key: { pk: { S: 'x' } } })

it.each(['ThrottlingException', 'ProvisionedThroughputExceededException', 'RequestLimitExceeded'])(
  'a read that is refused with %s is busy',
  async (type) => {
    await expect(failingWith(type).send(get)).rejects.toBeInstanceOf(Busy)
  },
)

it('other errors stay what they are', async () => {
  await expect(failingWith('ResourceNotFoundException').send(get)).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  })
})

it('a transaction keeps its error, for its own retries', async () => {
  const write = new TransactWriteItemsCommand({ TransactItems: [] })
  await expect(failingWith('ThrottlingException').send(write)).rejects.toMatchObject({
    name: 'ThrottlingException',
  })
})
