/** The pseudo parameters of a template: what AWS::Region, AWS::AccountId and AWS::Partition resolve to. */
export interface Environment {
  readonly region: string
  readonly account: string
  readonly partition: string
}

export const localEnvironment: Environment = {
  region: 'eu-west-1',
  account: '000000000000',
  partition: 'aws',
}

/** `arn:aws:sqs:eu-west-1:000000000000:name`. S3 bucket ARNs carry neither region nor account: use {@link bucketArn}. */
export const arnOf = (environment: Environment, service: string, resource: string): string =>
  `arn:${environment.partition}:${service}:${environment.region}:${environment.account}:${resource}`

/** `arn:aws:s3:::bucket`. */
export const bucketArn = (environment: Environment, bucket: string): string =>
  `arn:${environment.partition}:s3:::${bucket}`
