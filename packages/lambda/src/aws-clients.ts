import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { KMSClient } from '@aws-sdk/client-kms'
import { S3Client } from '@aws-sdk/client-s3'
import { SQSClient } from '@aws-sdk/client-sqs'

/**
 * One client of each service with the same patience; a function makes those that it needs at module scope, and the bundler leaves the others out.
 * Region, credentials and AWS_ENDPOINT_URL_* come from the environment, as the SDK reads them.
 */
const maxAttempts = 3
/** Milliseconds. The SDK waits for ever by default, so a lost connection would hold a function until it is killed. */
const connectionTimeout = 1_000
/** Until the answer begins. Without `throwOnRequestTimeout` the SDK only warns. */
const requestHandler = { connectionTimeout, requestTimeout: 5_000, throwOnRequestTimeout: true }

export const dynamoDbClient = () => new DynamoDBClient({ maxAttempts, requestHandler })
export const sqsClient = () => new SQSClient({ maxAttempts, requestHandler })
export const kmsClient = () => new KMSClient({ maxAttempts, requestHandler })

/** A body may take long; only a socket on which nothing moves is given up. */
export const s3Client = () =>
  new S3Client({ maxAttempts, requestHandler: { connectionTimeout, socketTimeout: 10_000 } })
