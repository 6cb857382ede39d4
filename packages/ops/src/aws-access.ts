import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { LambdaClient } from '@aws-sdk/client-lambda'
import { S3Client } from '@aws-sdk/client-s3'
import { SQSClient } from '@aws-sdk/client-sqs'

/** Where the AWS services of a stage answer; an absent endpoint is AWS's own. */
export interface AwsEndpoints {
  readonly region: string
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string }
  readonly dynamodb?: string
  readonly sqs?: string
  readonly s3?: string
  readonly lambda?: string
}

/** The operator's own clients; not those of any function. */
export interface AwsAccess {
  readonly dynamodb: DynamoDBClient
  readonly sqs: SQSClient
  readonly s3: S3Client
  readonly lambda: LambdaClient
}

export const awsAccess = ({ region, credentials, dynamodb, sqs, s3, lambda }: AwsEndpoints): AwsAccess => {
  const common = { region, ...(credentials === undefined ? {} : { credentials }) }
  const at = (endpoint: string | undefined) => (endpoint === undefined ? common : { ...common, endpoint })
  return {
    dynamodb: new DynamoDBClient(at(dynamodb)),
    sqs: new SQSClient(at(sqs)),
    s3: new S3Client(at(s3)),
    lambda: new LambdaClient(at(lambda)),
  }
}
