import { PropertyReader } from './property-reader.ts'
import { describeResource, type ResolvedResource } from './resolved-resource.ts'

/** A policy that hangs on a resource: what others may do with it. */
export interface ResourcePolicy {
  readonly logicalId: string
  /** Names of buckets or URLs of queues. */
  readonly on: readonly string[]
  readonly document: unknown
}

/** Reads `AWS::SQS::QueuePolicy`. */
export const parseQueuePolicy = (resource: ResolvedResource): ResourcePolicy => {
  const properties = new PropertyReader(describeResource(resource), resource.properties)
  const policy = {
    logicalId: resource.logicalId,
    on: properties.strings('Queues'),
    document: properties.raw('PolicyDocument'),
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
    document: properties.raw('PolicyDocument'),
  }
  properties.end()
  return policy
}

/** Who may invoke a function without being a principal of the account: `AWS::Lambda::Permission`. */
export interface FunctionPermission {
  readonly logicalId: string
  readonly functionName: string
  /** `apigateway.amazonaws.com` */
  readonly principal: string
  readonly sourceArn?: string
}

/** Reads `AWS::Lambda::Permission`. */
export const parsePermission = (resource: ResolvedResource): FunctionPermission => {
  const properties = new PropertyReader(describeResource(resource), resource.properties)
  properties.choice('Action', ['lambda:InvokeFunction'])
  properties.raw('SourceAccount') // there is one account
  const sourceArn = properties.optionalString('SourceArn')
  const permission: FunctionPermission = {
    logicalId: resource.logicalId,
    functionName: properties.string('FunctionName').replace(/^arn:.*:function:/, ''),
    principal: properties.string('Principal'),
    ...(sourceArn !== undefined && { sourceArn }),
  }
  properties.end()
  return permission
}
