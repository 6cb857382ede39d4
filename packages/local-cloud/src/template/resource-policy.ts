import type { LambdaPermission } from '../iam/lambda-permission.ts'
import { type Policy, parsePolicy } from '../iam/policy.ts'
import { PropertyReader } from './property-reader.ts'
import { describeResource, type ResolvedResource } from './resolved-resource.ts'

/** A policy that hangs on a resource: what others may do with it. */
export interface ResourcePolicy {
  readonly logicalId: string
  /** Names of buckets or URLs of queues. */
  readonly on: readonly string[]
  readonly policy: Policy
}

/** Reads `AWS::SQS::QueuePolicy`. */
export const parseQueuePolicy = (resource: ResolvedResource): ResourcePolicy => {
  const properties = new PropertyReader(describeResource(resource), resource.properties)
  const policy = {
    logicalId: resource.logicalId,
    on: properties.strings('Queues'),
    policy: parsePolicy(properties.raw('PolicyDocument'), 'resource', resource.logicalId),
  }
  properties.end()
  return policy
}

/** Reads `AWS::S3::BucketPolicy`. */
export const parseBucketPolicy = (resource: ResolvedResource): ResourcePolicy => {
  const properties = new PropertyReader(describeResource(resource), resource.properties)
  const policy = {
    logicalId: resource.logicalId,
    on: [properties.string('Bucket')],
    policy: parsePolicy(properties.raw('PolicyDocument'), 'resource', resource.logicalId),
  }
  properties.end()
  return policy
}

/** Reads `AWS::Lambda::Permission`: one statement of a function's policy. */
export const parsePermission = (
  resource: ResolvedResource,
  functionArn: (name: string) => string,
): LambdaPermission => {
  const properties = new PropertyReader(describeResource(resource), resource.properties)
  const sourceArn = properties.optionalString('SourceArn')
  const sourceAccount = properties.optionalString('SourceAccount')
  const permission: LambdaPermission = {
    action: properties.choice('Action', ['lambda:InvokeFunction']),
    functionArn: functionArn(properties.string('FunctionName').replace(/^arn:.*:function:/, '')),
    principal: properties.string('Principal'),
    ...(sourceArn !== undefined && { sourceArn }),
    ...(sourceAccount !== undefined && { sourceAccount }),
  }
  properties.end()
  return permission
}
