import { join, resolve } from 'node:path'
import { arnOf, type Environment, localEnvironment } from './arn.ts'
import { type Clock, systemClock } from './clock.ts'
import { claimDirectory } from './deploy/claim-directory.ts'
import { claimPort } from './deploy/claim-port.ts'
import { deployAsynchronousInvocations } from './deploy/deploy-asynchronous-invocations.ts'
import { deployEventSources } from './deploy/deploy-event-sources.ts'
import { deployFunctions } from './deploy/deploy-functions.ts'
import { deployHttpApis } from './deploy/deploy-http-apis.ts'
import { deployNotifications } from './deploy/deploy-notifications.ts'
import { deploySchedules } from './deploy/deploy-schedules.ts'
import { findResource } from './deploy/find-resource.ts'
import { keepDynamoDb } from './deploy/keep-dynamodb.ts'
import { listResources } from './deploy/list-resources.ts'
import { promisePorts } from './deploy/promise-ports.ts'
import { resourcePolicies } from './deploy/resource-policies.ts'
import { type Ports, startKms, startServices, type TemplateFacts } from './deploy/start-services.ts'
import type { EventSourceObserver } from './events/event-source-observer.ts'
import { faultInterceptor } from './faults/fault-interceptor.ts'
import type { FaultPlan } from './faults/fault-plan.ts'
import type { RecordedCall } from './gateway/call-recorder.ts'
import { operatorCredentials } from './gateway/principals.ts'
import { type InvocationTarget, startLambdaGateway } from './gateway/start-lambda-gateway.ts'
import type { HttpApiAccess } from './http-api/http-api.ts'
import { startChildGuard } from './lambda/child-guard.ts'
import { type LogEntry, openLogStore } from './lambda/log-store.ts'
import type { LocalCloud, LocalCloudAddresses } from './local-cloud.ts'
import { readCloudTemplate } from './template/cloud-template.ts'
import { loadAssembly } from './template/load-assembly.ts'
import { resolveAssembly } from './template/resolve-assembly.ts'
import { startTokenIssuer, type TokenClient } from './token-issuer/token-issuer.ts'

export interface LocalCloudOptions {
  /** The directory that `cdk synth` wrote. */
  readonly assembly: string
  /** Values for the template's parameters; a function gets the addresses of this run. */
  readonly parameters?:
    | Readonly<Record<string, string>>
    | ((addresses: LocalCloudAddresses) => Readonly<Record<string, string>>)
  /** Made when missing. Tables, objects, keys and logs in it survive a restart; messages do not. */
  readonly dataDirectory: string
  readonly environment?: Environment
  readonly ports?: Ports
  readonly clock?: Clock
  /** A DynamoDB that runs already, instead of the engine that comes with this package. */
  readonly dynamoDbEndpoint?: string
  /** Machines that may ask the issuer for tokens. */
  readonly tokenClients?: readonly TokenClient[]
  /** `paused`: schedules run only when they are triggered. */
  readonly schedules?: 'running' | 'paused'
  /** Milliseconds before the first and the second retry of an asynchronous invocation that failed; AWS's minute and two by default. */
  readonly asynchronousRetryDelaysMs?: readonly [number, number]
  /**
   * Functions' calls, queues, streams, schedules and buckets fail as this plan says. Functions know nothing of it: it works between
   * them and the services.
   */
  readonly faults?: FaultPlan
  readonly onLog?: (entry: LogEntry) => void
  readonly onHttpAccess?: (access: HttpApiAccess) => void
  /** Without it troubles and discarded records go to standard error. */
  readonly onEventSource?: EventSourceObserver
}

/**
 * Runs a synthesised template on this machine. Throws a TemplateError for what it does not know, an error that names the port
 * when one is taken, and leaves nothing behind when it throws.
 */
export const startLocalCloud = async (options: LocalCloudOptions): Promise<LocalCloud> => {
  const { environment = localEnvironment, clock = systemClock, ports = {} } = options
  const dataDirectory = resolve(options.dataDirectory)
  const observe = options.onEventSource ?? reportTrouble
  const assembly = loadAssembly(resolve(options.assembly))

  await using closing = new AsyncDisposableStack()
  closing.defer(claimDirectory(dataDirectory))
  const logs = openLogStore(join(dataDirectory, 'logs'))
  closing.defer(() => logs.close())
  if (options.onLog) logs.subscribe(options.onLog)
  const guard = startChildGuard()
  closing.defer(() => guard.close())

  // The template holds addresses, so the services listen before it is read; then they learn what is in it.
  const facts: TemplateFacts = { policies: () => undefined, onObjectEvent: () => {}, killCaller: () => {} }
  const serviceOptions = {
    environment,
    clock,
    dataDirectory,
    ports,
    guard,
    dynamoDbEndpoint: options.dynamoDbEndpoint,
  }
  const services = await startServices(serviceOptions, facts, closing)
  const { dynamoDb, sqs, s3, door, principals, recorder, interceptors } = services
  const issuer = await claimPort('issuer', ports.issuer ?? 0, (port) =>
    startTokenIssuer({ clock, port, clients: options.tokenClients ?? [] }),
  )
  closing.defer(() => issuer.close())
  const addresses: LocalCloudAddresses = { ...services.endpoints, issuer: issuer.issuer }
  const httpApiPort = await promisePorts(assembly, ports.httpApi)
  const httpApiOrigin = (apiId: string): string => `http://127.0.0.1:${httpApiPort(apiId)}`

  const { parameters = {} } = options
  const resolved = resolveAssembly(assembly, {
    environment,
    addresses: { sqs: addresses.sqs, httpApi: httpApiOrigin },
    parameters: typeof parameters === 'function' ? parameters(addresses) : parameters,
  })
  const template = readCloudTemplate(resolved, environment)
  const outputs = resolved.outputs()
  facts.template = template
  facts.policies = resourcePolicies(template, environment)

  await dynamoDb.createTables(template.tables)
  await sqs.createQueues(template.queues)
  for (const { bucket } of template.buckets) s3.createBucket(bucket)
  const kms = await startKms(template, services, serviceOptions, closing)
  // Functions get its address before they are there to be called.
  const invocationTargets = new Map<string, InvocationTarget>()
  const lambda = await claimPort('lambda', ports.lambda ?? 0, (port) =>
    startLambdaGateway(door, {
      port,
      arnOf: (name) => arnOf(environment, 'lambda', `function:${name}`),
      targetOf: (name) => invocationTargets.get(name),
    }),
  )
  closing.defer(() => lambda.close())
  const endpoints = { ...addresses, kms, lambda: lambda.endpoint }

  const functions = await deployFunctions(template, {
    environment,
    principals,
    guard,
    logs,
    stagingDirectory: join(dataDirectory, 'functions'),
    endpoints: {
      AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamodb,
      AWS_ENDPOINT_URL_SQS: endpoints.sqs,
      AWS_ENDPOINT_URL_S3: endpoints.s3,
      AWS_ENDPOINT_URL_KMS: endpoints.kms,
      AWS_ENDPOINT_URL_LAMBDA: endpoints.lambda,
    },
  })
  const closeFunctions = async (): Promise<void> => {
    await Promise.all(functions.map(({ runtime }) => runtime.close()))
  }
  closing.defer(closeFunctions)
  /** Sources wait for their running invocations; these end with the functions. */
  const closeWithFunctions = (source: { close(): Promise<void> }): void => {
    closing.defer(async () => {
      await Promise.all([source.close(), closeFunctions()])
    })
  }
  facts.killCaller = (functionName, environmentId) =>
    functions.find(({ name }) => name === functionName)?.runtime.kill(environmentId)

  const { faults } = options
  if (faults) interceptors.push(faultInterceptor(faults, { clock }))
  const common = { environment, clock, observe, policies: facts.policies, faults }
  const notifications = await deployNotifications(template, { ...common, sqsEngine: sqs.endpoint })
  closing.defer(() => notifications.close())
  facts.onObjectEvent = notifications.accept
  const sources = deployEventSources(template, functions, { ...common, door, dynamoDb, endpoints })
  closeWithFunctions(sources)
  recorder.subscribe((call) => {
    if (!writesItems(call)) return
    for (const { resource } of call.actions) sources.wake(resource)
  })
  const asynchronous = deployAsynchronousInvocations(template, functions, {
    ...common,
    sqsEndpoint: endpoints.sqs,
    retryDelaysMs: options.asynchronousRetryDelaysMs,
  })
  closeWithFunctions(asynchronous)
  for (const { name, arn, runtime } of functions) {
    const queue = asynchronous.byArn.get(arn)
    if (queue !== undefined) invocationTargets.set(name, { function: runtime, asynchronous: queue })
  }
  const schedules = deploySchedules(template, asynchronous.byArn, {
    ...common,
    principals,
    sqsEndpoint: endpoints.sqs,
    paused: options.schedules === 'paused',
  })
  closeWithFunctions(schedules)
  for (const listener of await deployHttpApis(template, functions, {
    ...common,
    portOf: httpApiPort,
    ...(options.onHttpAccess && { log: options.onHttpAccess }),
  })) {
    closeWithFunctions(listener)
  }
  closing.defer(
    keepDynamoDb(dynamoDb, clock, (error) =>
      observe(
        { kind: 'trouble', doing: 'expire items', error },
        { name: 'dynamodb', source: 'dynamodb', target: 'dynamodb' },
      ),
    ),
  )

  const resources = listResources(template, environment, endpoints.sqs, httpApiOrigin)
  const functionNamed = (name: string) => findResource('function', functions, name).runtime
  const running = closing.move()
  let closed: Promise<void> | undefined
  return {
    outputs,
    region: environment.region,
    endpoints,
    operator: operatorCredentials,
    resources,
    functions: { get: functionNamed },
    schedules: {
      trigger: async (name, scheduledAt) =>
        schedules.trigger(
          findResource('schedule', resources.schedules, name).name,
          scheduledAt ?? clock.now(),
        ),
    },
    issueToken: issuer.issueToken,
    logs,
    calls: recorder,
    intercept: (interceptor) => {
      interceptors.push(interceptor)
      return () => {
        const index = interceptors.indexOf(interceptor)
        if (index >= 0) interceptors.splice(index, 1)
      }
    },
    killFunction: (name) => functionNamed(name).kill(),
    sweepTimeToLive: () => dynamoDb.sweepTimeToLive(),
    failed: dynamoDb.failed,
    close: () => {
      closed ??= running.disposeAsync()
      return closed
    },
  }
}

const writeOperations = new Set([
  'PutItem',
  'UpdateItem',
  'DeleteItem',
  'BatchWriteItem',
  'TransactWriteItems',
])

const writesItems = ({ service, operation }: RecordedCall): boolean =>
  service === 'dynamodb' && writeOperations.has(operation)

const reportTrouble: EventSourceObserver = (fact, { name }) => {
  if (fact.kind === 'trouble') console.error(`${name}: ${fact.doing}:`, fact.error)
  if (fact.kind === 'discarded') console.error(`${name}: gave up ${fact.records} records: ${fact.condition}`)
}
