import { arnOf, type Environment } from '../arn.ts'
import type { LambdaPermission } from '../iam/lambda-permission.ts'
import {
  type BucketNotification,
  type BucketResource,
  parseBucket,
  parseBucketNotifications,
} from './bucket.ts'
import { coverage } from './coverage.ts'
import { type EventInvokeConfigResource, parseEventInvokeConfig } from './event-invoke-config.ts'
import { type EventSourceMappingResource, parseEventSourceMapping } from './event-source-mapping.ts'
import { type FunctionResource, parseFunction } from './function.ts'
import { type HttpApiResource, parseHttpApi } from './http-api.ts'
import { type KeyResource, parseKey, parseKeyAlias } from './key.ts'
import { checkLogGroup } from './log-group.ts'
import { parseQueue, type QueueResource } from './queue.ts'
import type { ResolvedAssembly } from './resolve-assembly.ts'
import { describeResource } from './resolved-resource.ts'
import {
  parseBucketPolicy,
  parsePermission,
  parseQueuePolicy,
  type ResourcePolicy,
} from './resource-policy.ts'
import { parseRoles, type RoleResource } from './role.ts'
import { checkScheduleGroup, parseSchedule, type ScheduleResource } from './schedule.ts'
import { parseTable, type TableResource } from './table.ts'
import { TemplateError } from './template-error.ts'

/** Everything that the local cloud makes of an assembly, in plain values. */
export interface CloudTemplate {
  readonly tables: readonly TableResource[]
  readonly queues: readonly QueueResource[]
  readonly queuePolicies: readonly ResourcePolicy[]
  readonly buckets: readonly BucketResource[]
  readonly bucketPolicies: readonly ResourcePolicy[]
  readonly keys: readonly KeyResource[]
  /** `alias/name` to key id. */
  readonly keyAliases: Readonly<Record<string, string>>
  readonly roles: readonly RoleResource[]
  readonly functions: readonly FunctionResource[]
  readonly permissions: readonly LambdaPermission[]
  readonly eventSourceMappings: readonly EventSourceMappingResource[]
  readonly eventInvokeConfigs: readonly EventInvokeConfigResource[]
  readonly schedules: readonly ScheduleResource[]
  readonly httpApis: readonly HttpApiResource[]
}

/**
 * Reads all resources of an assembly. Throws {@link TemplateError} for the first type or property that is not known, before
 * anything was started.
 */
export const readCloudTemplate = (assembly: ResolvedAssembly, environment: Environment): CloudTemplate => {
  refuseUnknownTypes(assembly)
  const { resources, identity } = assembly
  resources('AWS::Logs::LogGroup').forEach(checkLogGroup)
  resources('AWS::Scheduler::ScheduleGroup').forEach(checkScheduleGroup)
  const apiParts = {
    stages: resources('AWS::ApiGatewayV2::Stage'),
    routes: resources('AWS::ApiGatewayV2::Route'),
    integrations: resources('AWS::ApiGatewayV2::Integration'),
    authorizers: resources('AWS::ApiGatewayV2::Authorizer'),
  }
  return {
    tables: resources('AWS::DynamoDB::Table', 'AWS::DynamoDB::GlobalTable').map(parseTable),
    queues: resources('AWS::SQS::Queue').map(parseQueue),
    queuePolicies: resources('AWS::SQS::QueuePolicy').map(parseQueuePolicy),
    buckets: buckets(assembly),
    bucketPolicies: resources('AWS::S3::BucketPolicy').map(parseBucketPolicy),
    keys: resources('AWS::KMS::Key').map((key) => parseKey(key, identity(key), environment)),
    keyAliases: Object.fromEntries(
      resources('AWS::KMS::Alias').map((resource) => {
        const alias = parseKeyAlias(resource)
        return [alias.name, alias.keyId]
      }),
    ),
    roles: parseRoles(
      resources('AWS::IAM::Role'),
      resources('AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy'),
      identity,
    ),
    functions: resources('AWS::Lambda::Function').map((resource) =>
      parseFunction(resource, environment, assembly.assetDirectory),
    ),
    permissions: resources('AWS::Lambda::Permission').map((resource) =>
      parsePermission(resource, (name) => arnOf(environment, 'lambda', `function:${name}`)),
    ),
    eventSourceMappings: resources('AWS::Lambda::EventSourceMapping').map(parseEventSourceMapping),
    eventInvokeConfigs: resources('AWS::Lambda::EventInvokeConfig').map(parseEventInvokeConfig),
    schedules: resources('AWS::Scheduler::Schedule').map((resource) =>
      parseSchedule(resource, identity(resource).attributes.Arn ?? ''),
    ),
    httpApis: resources('AWS::ApiGatewayV2::Api').map((api) => parseHttpApi(api, apiParts, identity)),
  }
}

const refuseUnknownTypes = ({ inventory }: ResolvedAssembly): void => {
  const unknown = inventory.find(({ type }) => !(type in coverage))
  if (unknown !== undefined) {
    throw new TemplateError(`${describeResource(unknown)}: the type is not known to the local cloud`)
  }
}

/** Buckets with the notifications that CDK's custom resource adds to their own. */
const buckets = ({ resources }: ResolvedAssembly): readonly BucketResource[] => {
  const added = new Map<string, readonly BucketNotification[]>()
  for (const resource of resources('Custom::S3BucketNotifications')) {
    const { bucketName, notifications } = parseBucketNotifications(resource)
    added.set(bucketName, [...(added.get(bucketName) ?? []), ...notifications])
  }
  return resources('AWS::S3::Bucket').map((resource) => {
    const bucket = parseBucket(resource)
    return { ...bucket, notifications: [...bucket.notifications, ...(added.get(bucket.bucket.name) ?? [])] }
  })
}
