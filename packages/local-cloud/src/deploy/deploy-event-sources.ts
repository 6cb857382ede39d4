import type { Environment } from '../arn.ts'
import type { Clock } from '../clock.ts'
import type { DynamoDbEngine } from '../engines/dynamodb.ts'
import type { EventSourceObserver } from '../events/event-source-observer.ts'
import type { HttpQueue } from '../events/http-queue.ts'
import { SqsEventSource } from '../events/sqs-event-source.ts'
import { StreamEventSource } from '../events/stream-event-source.ts'
import { type FailureDestination, failureBucket, failureQueue } from '../events/stream-failure.ts'
import type { FaultPlan } from '../faults/fault-plan.ts'
import { FaultyQueue } from '../faults/faulty-queue.ts'
import { FaultyStream } from '../faults/faulty-stream.ts'
import type { Door } from '../gateway/authorize.ts'
import { operatorCredentials } from '../gateway/principals.ts'
import { serviceSessions } from '../gateway/service-sessions.ts'
import type { Credentials } from '../lambda/environment-variables.ts'
import type { CloudTemplate } from '../template/cloud-template.ts'
import type { EventSourceMappingResource } from '../template/event-source-mapping.ts'
import { streamArnOf } from '../template/resource-identity.ts'
import { TemplateError } from '../template/template-error.ts'
import type { DeployedFunction } from './deploy-functions.ts'
import { putObjectAs } from './put-object-as.ts'
import { queueAs, readStreamAs } from './service-credentials.ts'

export interface EventSourceDependencies {
  readonly environment: Environment
  readonly clock: Clock
  readonly observe: EventSourceObserver
  readonly door: Door
  readonly dynamoDb: DynamoDbEngine
  readonly endpoints: { readonly sqs: string; readonly s3: string }
  /** Queues and streams deliver with the faults of this plan. */
  readonly faults?: FaultPlan | undefined
}

/** Running event source mappings. */
export interface EventSources {
  /** The stream of a table may have new records: its idle mappings read at once. */
  wake(tableArn: string): void
  /** Stops them; resolves when their running invocations have ended. */
  close(): Promise<void>
}

/** How often an idle stream is read, as AWS does it; writes wake its mappings earlier. */
const idlePollMs = 250

/** Starts the event source mappings of a template; disabled ones stay away. */
export const deployEventSources = (
  template: CloudTemplate,
  functions: readonly DeployedFunction[],
  deps: EventSourceDependencies,
): EventSources => {
  const streams: { readonly tableArn: string; readonly source: StreamEventSource }[] = []
  const queues: SqsEventSource[] = []
  for (const mapping of template.eventSourceMappings) {
    if (!mapping.enabled) continue
    const target = functions.find(({ name }) => name === mapping.functionName)
    if (target === undefined) throw problem(mapping, `there is no function ${mapping.functionName}`)
    if (/^arn:[^:]+:sqs:/.test(mapping.eventSourceArn)) {
      queues.push(queueSource(template, mapping, target, deps))
    } else {
      streams.push({
        tableArn: mapping.eventSourceArn.replace(/\/stream\/.*$/, ''),
        source: streamSource(template, mapping, target, deps),
      })
    }
  }
  const all = [...queues, ...streams.map(({ source }) => source)]
  for (const source of all) source.start()
  return {
    wake: (written) => {
      for (const { tableArn, source } of streams) if (tableArn === written) source.wake()
    },
    close: async () => {
      await Promise.all(all.map((source) => source.close()))
    },
  }
}

const queueSource = (
  template: CloudTemplate,
  mapping: EventSourceMappingResource,
  target: DeployedFunction,
  { environment, clock, observe, endpoints, faults }: EventSourceDependencies,
): SqsEventSource => {
  const { logicalId, eventSourceArn, ...config } = mapping
  const queue = template.queues.find(({ queueName }) => eventSourceArn.endsWith(`:${queueName}`))
  if (queue === undefined) throw problem(mapping, `there is no queue ${eventSourceArn}`)
  const queueOf = (credentials: Credentials): HttpQueue =>
    queueAs(credentials, environment, endpoints.sqs, eventSourceArn)
  const consumer = queueOf(target.credentialsFor(serviceSessions.mapping))
  return new SqsEventSource(
    { ...config, name: logicalId, visibilityTimeoutSeconds: queue.visibilityTimeoutSeconds },
    {
      queue: faults
        ? new FaultyQueue({
            queue: consumer,
            // A visibility timeout ends early by itself: nobody needs a permission for it.
            visibility: queueOf({ ...operatorCredentials, sessionToken: 'operator' }),
            plan: faults,
            clock,
            source: logicalId,
          })
        : consumer,
      function: target.runtime,
      clock,
      observe,
    },
  )
}

const streamSource = (
  template: CloudTemplate,
  mapping: EventSourceMappingResource,
  target: DeployedFunction,
  deps: EventSourceDependencies,
): StreamEventSource => {
  const { environment, clock, observe, door, dynamoDb, faults } = deps
  const { logicalId, eventSourceArn, startingPosition, ...config } = mapping
  const table = template.tables.find(
    ({ tableName, streamViewType }) =>
      streamViewType !== undefined && streamArnOf(environment, tableName) === eventSourceArn,
  )
  if (table === undefined) throw problem(mapping, `there is no queue and no stream ${eventSourceArn}`)
  if (startingPosition === undefined) throw problem(mapping, 'a stream needs a StartingPosition')
  const onFailure = failureDestination(mapping, target, deps)
  const stream = dynamoDb.stream(
    table.tableName,
    readStreamAs(door, target.credentialsFor(serviceSessions.mapping)),
  )
  return new StreamEventSource(
    { ...config, name: logicalId, startingPosition, idlePollMs },
    {
      // Positions are not kept over a restart: queues lose their messages then, and only another reading fills them again.
      stream: faults ? new FaultyStream({ stream, plan: faults, clock, source: logicalId }) : stream,
      function: target.runtime,
      clock,
      observe,
      ...(onFailure && { onFailure }),
    },
  )
}

const failureDestination = (
  mapping: EventSourceMappingResource,
  target: DeployedFunction,
  { environment, endpoints }: EventSourceDependencies,
): FailureDestination | undefined => {
  const { onFailureArn: arn } = mapping
  if (arn === undefined) return undefined
  const credentials = target.credentialsFor(serviceSessions.mapping)
  const [, bucket] = /^arn:[^:]+:s3:::(.+)$/.exec(arn) ?? []
  if (bucket !== undefined) return failureBucket(putObjectAs(credentials, environment, endpoints.s3, bucket))
  if (/^arn:[^:]+:sqs:/.test(arn)) return failureQueue(queueAs(credentials, environment, endpoints.sqs, arn))
  throw problem(mapping, `${arn} is neither a bucket nor a queue`)
}

const problem = ({ logicalId }: EventSourceMappingResource, text: string): TemplateError =>
  new TemplateError(`${logicalId} (AWS::Lambda::EventSourceMapping): ${text}`)
