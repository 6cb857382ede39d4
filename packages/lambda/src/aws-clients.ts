import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { KMSClient } from '@aws-sdk/client-kms'
import { S3Client } from '@aws-sdk/client-s3'
import { SQSClient } from '@aws-sdk/client-sqs'
import { invocationEnding } from './invocation.ts'

/**
 * One client of each service with the same patience; a function makes those that it needs at module scope, and the bundler leaves the others out.
 * Region, credentials and AWS_ENDPOINT_URL_* come from the environment, as the SDK reads them.
 */
const maxAttempts = 3
/** Milliseconds. The SDK waits for ever by default, so a lost connection would hold a function until it is killed. */
const connectionTimeout = 1_000
/** Until the answer begins: three attempts fit into the ten seconds of the shortest function. Without `throwOnRequestTimeout` the SDK only warns. */
const requestHandler = { connectionTimeout, requestTimeout: 3_000, throwOnRequestTimeout: true }

export const dynamoDbClient = () => endingWithInvocation(new DynamoDBClient({ maxAttempts, requestHandler }))
export const sqsClient = () => endingWithInvocation(new SQSClient({ maxAttempts, requestHandler }))
export const kmsClient = () => endingWithInvocation(new KMSClient({ maxAttempts, requestHandler }))

/** A body may take long; only a socket on which nothing moves is given up. */
export const s3Client = () =>
  endingWithInvocation(
    new S3Client({ maxAttempts, requestHandler: { connectionTimeout, socketTimeout: 10_000 } }),
  )

/** What every SDK client sends its requests with; their types differ in requests and answers only. */
interface Sending<Request, Answer> {
  handle(request: Request, options?: { readonly abortSignal?: unknown }): Promise<Answer>
}

/**
 * The client, whose requests and answers' bodies are cut off when the invocation's time is up, whatever attempts and timeouts add up to.
 * Calls that wait on then fail with AbortError, and so does every later one: the function can still say so before it is killed.
 */
const endingWithInvocation = <
  Request,
  Answer,
  Client extends { readonly config: { readonly requestHandler: Sending<Request, Answer> } },
>(
  client: Client,
): Client => {
  const { requestHandler } = client.config
  const send = requestHandler.handle.bind(requestHandler)
  requestHandler.handle = (request, options) => {
    const ending = invocationEnding()
    const given = options?.abortSignal
    const abortSignal = given instanceof AbortSignal ? AbortSignal.any([given, ending]) : ending
    return send(request, { ...options, abortSignal })
  }
  return client
}
