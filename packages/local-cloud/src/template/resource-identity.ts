import { createHash } from 'node:crypto'
import { arnOf, bucketArn, type Environment } from '../arn.ts'
import { hashOf } from './physical-name.ts'
import { describeResource, type ResolvedResource } from './resolved-resource.ts'
import { TemplateError } from './template-error.ts'

/** Where the services of this run answer; part of what Ref and Fn::GetAtt return. */
export interface Addresses {
  /** `http://127.0.0.1:4566`: queue URLs are below it. */
  readonly sqs: string
  /** The HTTP API's own endpoint by the id of the API: `http://127.0.0.1:8080`. */
  httpApi(apiId: string): string
}

/** What other parts of a template see of a resource. */
export interface ResourceIdentity {
  readonly ref: string
  readonly attributes: Readonly<Record<string, string>>
}

type Identify = (
  resource: ResolvedResource,
  environment: Environment,
  addresses: Addresses,
) => ResourceIdentity

/** An id as AWS makes them up, the same in every run. */
const idOf = (resource: ResolvedResource, length: number): string =>
  hashOf(`${resource.type} ${resource.stack}/${resource.logicalId}`, length)

/** In the shape of a UUID, the same in every run. */
const uuidOf = ({ type, stack, logicalId }: ResolvedResource): string =>
  createHash('sha256')
    .update(`${type} ${stack}/${logicalId}`)
    .digest('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5')

const named: Identify = ({ physicalName }) => ({ ref: physicalName, attributes: {} })

const table: Identify = ({ physicalName }, environment) => {
  const arn = arnOf(environment, 'dynamodb', `table/${physicalName}`)
  return { ref: physicalName, attributes: { Arn: arn, StreamArn: streamArnOf(environment, physicalName) } }
}

/** The ARN of a table's stream. AWS ends it with the time of its creation; here it is the same in every run. */
export const streamArnOf = (environment: Environment, tableName: string): string =>
  arnOf(environment, 'dynamodb', `table/${tableName}/stream/2026-01-01T00:00:00.000`)

/** The resource types that others may refer to. */
const identities: Readonly<Record<string, Identify>> = {
  'AWS::DynamoDB::Table': table,
  'AWS::DynamoDB::GlobalTable': table,
  'AWS::SQS::Queue': ({ physicalName }, environment, addresses) => {
    const url = `${addresses.sqs}/${environment.account}/${physicalName}`
    return {
      ref: url,
      attributes: { Arn: arnOf(environment, 'sqs', physicalName), QueueName: physicalName, QueueUrl: url },
    }
  },
  'AWS::SQS::QueuePolicy': named,
  'AWS::S3::Bucket': ({ physicalName }, environment) => ({
    ref: physicalName,
    attributes: {
      Arn: bucketArn(environment, physicalName),
      DomainName: `${physicalName}.s3.amazonaws.com`,
      RegionalDomainName: `${physicalName}.s3.${environment.region}.amazonaws.com`,
    },
  }),
  'AWS::S3::BucketPolicy': named,
  'AWS::KMS::Key': (resource, environment) => {
    const id = uuidOf(resource)
    return { ref: id, attributes: { Arn: arnOf(environment, 'kms', `key/${id}`), KeyId: id } }
  },
  'AWS::KMS::Alias': named,
  'AWS::Lambda::Function': ({ physicalName }, environment) => ({
    ref: physicalName,
    attributes: { Arn: arnOf(environment, 'lambda', `function:${physicalName}`) },
  }),
  'AWS::Lambda::EventSourceMapping': (resource) => ({
    ref: uuidOf(resource),
    attributes: { Id: uuidOf(resource) },
  }),
  'AWS::Lambda::Permission': named,
  'AWS::IAM::Role': (resource, environment) => ({
    ref: resource.physicalName,
    attributes: {
      Arn: `arn:${environment.partition}:iam::${environment.account}:role/${resource.physicalName}`,
      RoleId: `AROA${idOf(resource, 17).toUpperCase()}`,
    },
  }),
  'AWS::IAM::Policy': named,
  'AWS::IAM::ManagedPolicy': ({ physicalName }, environment) => {
    const arn = `arn:${environment.partition}:iam::${environment.account}:policy/${physicalName}`
    return { ref: arn, attributes: { PolicyArn: arn } }
  },
  'AWS::Logs::LogGroup': ({ physicalName }, environment) => ({
    ref: physicalName,
    attributes: { Arn: arnOf(environment, 'logs', `log-group:${physicalName}:*`) },
  }),
  'AWS::Scheduler::ScheduleGroup': ({ physicalName }, environment) => ({
    ref: physicalName,
    attributes: { Arn: arnOf(environment, 'scheduler', `schedule-group/${physicalName}`) },
  }),
  'AWS::Scheduler::Schedule': ({ physicalName, properties }, environment) => ({
    ref: physicalName,
    attributes: {
      Arn: arnOf(environment, 'scheduler', `schedule/${properties.GroupName ?? 'default'}/${physicalName}`),
    },
  }),
  'AWS::ApiGatewayV2::Api': (resource, _environment, addresses) => {
    const id = idOf(resource, 10)
    return { ref: id, attributes: { ApiId: id, ApiEndpoint: addresses.httpApi(id) } }
  },
  'AWS::ApiGatewayV2::Stage': ({ properties }) => ({ ref: String(properties.StageName), attributes: {} }),
  'AWS::ApiGatewayV2::Route': (resource) => ({ ref: idOf(resource, 7), attributes: {} }),
  'AWS::ApiGatewayV2::Integration': (resource) => ({ ref: idOf(resource, 7), attributes: {} }),
  'AWS::ApiGatewayV2::Authorizer': (resource) => ({
    ref: idOf(resource, 6),
    attributes: { AuthorizerId: idOf(resource, 6) },
  }),
  'AWS::CloudWatch::Alarm': ({ physicalName }, environment) => ({
    ref: physicalName,
    attributes: { Arn: arnOf(environment, 'cloudwatch', `alarm:${physicalName}`) },
  }),
  'AWS::CloudWatch::Dashboard': named,
}

/** What Ref and Fn::GetAtt return for a resource. Throws for a type that nothing may refer to. */
export const identify: Identify = (resource, environment, addresses) => {
  const of = identities[resource.type]
  if (of === undefined) {
    throw new TemplateError(
      `${describeResource(resource)}: Ref and Fn::GetAtt are not known to the local cloud`,
    )
  }
  return of(resource, environment, addresses)
}
