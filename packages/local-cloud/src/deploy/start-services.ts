import { join } from 'node:path'
import type { Environment } from '../arn.ts'
import type { Clock } from '../clock.ts'
import { type DynamoDbEngine, startDynamoDb } from '../engines/dynamodb.ts'
import { freePort } from '../engines/free-port.ts'
import { createKms } from '../engines/kms.ts'
import { type SqsEngine, startSqs } from '../engines/sqs.ts'
import type { ObjectEventListener } from '../events/object-event.ts'
import type { Door } from '../gateway/authorize.ts'
import { type CallRecorder, makeCallRecorder } from '../gateway/call-recorder.ts'
import { dynamoDbService } from '../gateway/dynamodb-service.ts'
import { engineClient } from '../gateway/engine-client.ts'
import type { Interceptor } from '../gateway/interceptor.ts'
import { kmsService } from '../gateway/kms-service.ts'
import { makeDoor } from '../gateway/make-door.ts'
import { makePrincipals, type Principals } from '../gateway/principals.ts'
import { sqsService } from '../gateway/sqs-service.ts'
import { startJsonGateway } from '../gateway/start-json-gateway.ts'
import type { ChildGuard } from '../lambda/child-guard.ts'
import { type S3Server, startS3 } from '../s3/start-s3.ts'
import type { CloudTemplate } from '../template/cloud-template.ts'
import type { KeyElement } from '../template/table.ts'
import { claimPort } from './claim-port.ts'
import type { ResourcePolicies } from './resource-policies.ts'

/** Ports of a run; a free one for each that is not given. */
export interface Ports {
  readonly dynamodb?: number
  readonly sqs?: number
  readonly s3?: number
  readonly kms?: number
  readonly lambda?: number
  readonly issuer?: number
  /** Of the first HTTP API. */
  readonly httpApi?: number
}

/**
 * What services need of a template. Their addresses stand in the template, so they listen before it is read; nobody knows
 * these addresses until everything is in place.
 */
export interface TemplateFacts {
  template?: CloudTemplate
  policies: ResourcePolicies
  onObjectEvent: ObjectEventListener
  killCaller(functionName: string, environmentId: string): void
}

export interface ServiceOptions {
  readonly environment: Environment
  readonly clock: Clock
  readonly dataDirectory: string
  readonly ports: Ports
  readonly guard: ChildGuard
  readonly dynamoDbEndpoint?: string | undefined
}

export interface Services {
  readonly principals: Principals
  readonly recorder: CallRecorder
  readonly interceptors: Interceptor[]
  readonly door: Door
  readonly dynamoDb: DynamoDbEngine
  readonly sqs: SqsEngine
  readonly s3: S3Server
  readonly endpoints: { readonly dynamodb: string; readonly sqs: string; readonly s3: string }
}

/** Starts the services, empty, each behind the one door. `closing` gets what ends them. */
export const startServices = async (
  { environment, clock, dataDirectory, ports, guard, dynamoDbEndpoint }: ServiceOptions,
  facts: TemplateFacts,
  closing: AsyncDisposableStack,
): Promise<Services> => {
  const dynamoDb = await startDynamoDb({
    dataDirectory: join(dataDirectory, 'dynamodb'),
    environment,
    guard,
    ...(dynamoDbEndpoint !== undefined && { endpoint: dynamoDbEndpoint }),
  })
  closing.defer(() => dynamoDb.close())
  const sqs = await startSqs(environment)
  closing.defer(() => sqs.close())

  const principals = makePrincipals(environment)
  const recorder = makeCallRecorder()
  const interceptors: Interceptor[] = []
  const door = makeDoor({
    environment,
    principals,
    recorder,
    interceptors,
    resourcePolicyOf: (resource) => facts.policies(resource),
    killCaller: (functionName, environmentId) => facts.killCaller(functionName, environmentId),
  })

  const dynamoDbClient = engineClient(dynamoDb.endpoint, 'dynamodb', environment.region)
  closing.defer(() => dynamoDbClient.close())
  const dynamoDbGateway = await claimPort('dynamodb', ports.dynamodb ?? 0, (port) =>
    startJsonGateway(
      dynamoDbService(dynamoDbClient, environment, (table, index) => partitionKey(facts, table, index)),
      door,
      { port },
    ),
  )
  closing.defer(() => dynamoDbGateway.close())

  const sqsClient = engineClient(sqs.endpoint, 'sqs', environment.region)
  closing.defer(() => sqsClient.close())
  const sqsGateway = await claimPort('sqs', ports.sqs ?? (await freePort()), (port) =>
    startJsonGateway(sqsService(sqsClient, environment, `http://127.0.0.1:${port}`), door, { port }),
  )
  closing.defer(() => sqsGateway.close())

  const s3 = await claimPort('s3', ports.s3 ?? 0, (port) =>
    startS3({
      dataDirectory: join(dataDirectory, 's3'),
      environment,
      port,
      door,
      clock,
      onObjectEvent: (event) => facts.onObjectEvent(event),
    }),
  )
  closing.defer(() => s3.close())

  return {
    principals,
    recorder,
    interceptors,
    door,
    dynamoDb,
    sqs,
    s3,
    endpoints: { dynamodb: dynamoDbGateway.endpoint, sqs: sqsGateway.endpoint, s3: s3.endpoint },
  }
}

/** Starts KMS with the keys of the template; returns its endpoint. Their ids stand in no address, so it can come last. */
export const startKms = async (
  { keys, keyAliases }: CloudTemplate,
  { door }: Services,
  { ports, dataDirectory }: ServiceOptions,
  closing: AsyncDisposableStack,
): Promise<string> => {
  const kms = createKms({ keys, aliases: keyAliases, secretsFile: join(dataDirectory, 'kms.json') })
  const gateway = await claimPort('kms', ports.kms ?? 0, (port) =>
    startJsonGateway(kmsService(kms), door, { port }),
  )
  closing.defer(() => gateway.close())
  return gateway.endpoint
}

const partitionKey = (
  { template }: TemplateFacts,
  tableName: string,
  indexName?: string,
): string | undefined => {
  const table = template?.tables.find((candidate) => candidate.tableName === tableName)
  const index = [...(table?.globalSecondaryIndexes ?? []), ...(table?.localSecondaryIndexes ?? [])].find(
    ({ IndexName }) => IndexName === indexName,
  )
  const keys: readonly KeyElement[] | undefined =
    indexName === undefined ? table?.keySchema : index?.KeySchema
  return keys?.find(({ KeyType }) => KeyType === 'HASH')?.AttributeName
}
