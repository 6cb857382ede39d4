import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { KMSClient } from '@aws-sdk/client-kms'
import { SQSClient } from '@aws-sdk/client-sqs'
import { endingWithInvocation } from './ending-with-invocation.ts'

/**
 * One client of each service with the same patience; a function makes those that it needs at module scope, and the bundler leaves the others out.
 * Region, credentials and AWS_ENDPOINT_URL_* come from the environment, as the SDK reads them.
 */
export const maxAttempts = 3
/** Milliseconds. The SDK waits for ever by default, so a lost connection would hold a function until it is killed. */
export const connectionTimeout = 1_000
/** Until the answer begins: three attempts fit into the ten seconds of the shortest function. Without `throwOnRequestTimeout` the SDK only warns. */
const requestHandler = { connectionTimeout, requestTimeout: 3_000, throwOnRequestTimeout: true }

export const dynamoDbClient = () => endingWithInvocation(new DynamoDBClient({ maxAttempts, requestHandler }))
export const sqsClient = () => endingWithInvocation(new SQSClient({ maxAttempts, requestHandler }))
export const kmsClient = () => endingWithInvocation(new KMSClient({ maxAttempts, requestHandler }))
