import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { GetItemCommand } from '@aws-sdk/client-dynamodb'
import { GenerateMacCommand } from '@aws-sdk/client-kms'
import { GetObjectCommand } from '@aws-sdk/client-s3'
import { GetQueueUrlCommand } from '@aws-sdk/client-sqs'
import { expect, onTestFinished, test, vi } from 'vitest'
import { dynamoDbClient, kmsClient, sqsClient } from './aws-clients.ts'
import { capturedOutput } from './captured-output.ts'
import { functionStack } from './function-stack.ts'
import { invocationOf } from './invocation-of.ts'
import { s3Client } from './s3-client.ts'

/** A service that takes requests and does no more than `begin` for them; the environment names it as AWS. */
const aServiceThatHangs = async (begin: (response: ServerResponse) => void = () => undefined) => {
  let requests = 0
  const server = createServer((_, response) => {
    requests += 1
    begin(response)
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as AddressInfo
  vi.stubEnv('AWS_ENDPOINT_URL', `http://127.0.0.1:${port}`)
  vi.stubEnv('AWS_REGION', 'eu-west-1')
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'x')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'x')
  onTestFinished(() => {
    vi.unstubAllEnvs()
    server.closeAllConnections()
    server.close()
  })
  return { requests: () => requests }
}

/** What a function of `milliseconds` would do with its time, were the last second not kept. */
const inAnInvocation = <T>(milliseconds: number, work: () => Promise<T>): Promise<T> => {
  capturedOutput()
  const context = { ...invocationOf('1'), getRemainingTimeInMillis: () => 1_000 + milliseconds }
  return functionStack(work)({}, context)
}

const cutOff = expect.objectContaining({ name: 'AbortError' })
const get = new GetItemCommand({ TableName: 'shop', Key: { pk: { S: 'a' } } })

test.each([
  ['DynamoDB', () => dynamoDbClient().send(get)],
  ['SQS', () => sqsClient().send(new GetQueueUrlCommand({ QueueName: 'q' }))],
  [
    'KMS',
    () =>
      kmsClient().send(
        new GenerateMacCommand({ KeyId: 'k', MacAlgorithm: 'HMAC_SHA_256', Message: Buffer.from('a') }),
      ),
  ],
  ['S3', () => s3Client().send(new GetObjectCommand({ Bucket: 'b', Key: 'k' }))],
])('%s that never answers does not hold a function until it is killed', async (_, call) => {
  const service = await aServiceThatHangs()
  await expect(inAnInvocation(100, call)).rejects.toThrow(cutOff)
  expect(service.requests()).toBeLessThan(2)
})

test('an answer that begins and never ends is cut off too', async () => {
  await aServiceThatHangs((response) => response.writeHead(200, { 'content-length': '100' }).write('{'))
  await expect(inAnInvocation(300, () => dynamoDbClient().send(get))).rejects.toThrow(cutOff)
})

test('when the time is up nothing more is asked', async () => {
  const service = await aServiceThatHangs()
  const client = dynamoDbClient()
  const work = async () => {
    await client.send(get).catch(() => undefined)
    await client.send(get)
  }
  await expect(inAnInvocation(100, work)).rejects.toThrow(cutOff)
  expect(service.requests()).toBeLessThan(2)
})

test('the next invocation has its own time', async () => {
  const service = await aServiceThatHangs((response) => response.end('{}'))
  const client = dynamoDbClient()
  await inAnInvocation(0, async () => {
    await vi.waitFor(() => expect(client.send(get)).rejects.toThrow(cutOff))
  })
  await inAnInvocation(60_000, () => client.send(get))
  expect(service.requests()).toBeGreaterThan(0)
})
