import { randomBytes, randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { Environment } from '../arn.ts'
import { type Clock, systemClock } from '../clock.ts'
import type { ChildGuard } from './child-guard.ts'
import type { AccountConcurrency } from './concurrency.ts'
import { type Credentials, environmentVariables, refuseReservedVariables } from './environment-variables.ts'
import { type Death, type ExecutionEnvironment, startExecutionEnvironment } from './execution-environment.ts'
import { failureOf } from './failure.ts'
import type { FunctionConfig } from './function-config.ts'
import { type FunctionMetrics, monitorFunction } from './function-monitor.ts'
import type { InvocableFunction, Invocation } from './invocation.ts'
import type { LogStore } from './log-store.ts'
import type { RuntimeAnswer } from './runtime-api.ts'
import { stageBundle } from './stage-bundle.ts'
import { freshTraceHeader } from './trace-header.ts'

export interface FunctionDependencies {
  readonly environment: Environment
  readonly logs: LogStore
  readonly guard: ChildGuard
  readonly concurrency: AccountConcurrency
  /** Where bundles are copied to, one folder per function. */
  readonly stagingDirectory: string
  /** `AWS_ENDPOINT_URL_DYNAMODB` and the like, given to every function. */
  readonly endpoints: Readonly<Record<string, string>>
  /** The role's credentials; the session token MUST name the environment. */
  credentialsFor(environmentId: string): Credentials
  /** For timeouts and reaping. The processes live in real time: another clock than the system's is for tests. */
  readonly clock?: Clock
}

export interface FunctionRuntime extends InvocableFunction {
  /** The live execution environments; an id is also the session token's owner. */
  readonly environments: readonly { readonly id: string; readonly pid: number; readonly busy: boolean }[]
  readonly metrics: FunctionMetrics
  /** `kill -9` of one execution environment, or of all: what is running there fails, the next invocation starts afresh. */
  kill(environmentId?: string): void
  /** Ends every process and waits for it; invocations after this are throttled. */
  close(): Promise<void>
}

/** RequestResponse events; AWS answers 413. */
const maximumRequestBytes = 6 * 1024 * 1024
/** An initialisation that takes longer is started again as part of the invocation. */
const initMilliseconds = 10_000
/** How long an unused execution environment is kept; AWS does not say how long it keeps one. */
const idleMilliseconds = 300_000

/**
 * Runs a function as Lambda does: one process per execution environment under AWS's own runtime loop, one invocation
 * at a time in each, frozen and kept warm between invocations. Not emulated: a share of CPU by memory size.
 * Throws when the template sets a reserved variable, or when more concurrency is reserved than the account has.
 */
export const startFunction = async (
  config: FunctionConfig,
  deps: FunctionDependencies,
): Promise<FunctionRuntime> => {
  refuseReservedVariables(config)
  const taskRoot = await stageBundle(config.codeDirectory, join(deps.stagingDirectory, config.name))
  const concurrency = deps.concurrency.share(config.reservedConcurrency)
  const clock = deps.clock ?? systemClock
  const timeoutMilliseconds = config.timeoutSeconds * 1000

  const live = new Set<ExecutionEnvironment>()
  const idle: { readonly environment: ExecutionEnvironment; cancelReaping(): void }[] = []
  const inProgress = new Set<Promise<Invocation>>()
  let closing = false
  const monitor = monitorFunction(config, deps.logs)

  const launch = async (): Promise<ExecutionEnvironment> => {
    const id = randomBytes(16).toString('hex')
    const day = new Date().toISOString().slice(0, 10).replaceAll('-', '/')
    const launched = await startExecutionEnvironment({
      id,
      codeDirectory: taskRoot,
      memoryMegabytes: config.memoryMegabytes,
      guard: deps.guard,
      variables: environmentVariables({
        config,
        environment: deps.environment,
        credentials: deps.credentialsFor(id),
        endpoints: deps.endpoints,
        taskRoot,
        logStreamName: `${day}/[$LATEST]${id}`,
      }),
      log: (source, text) => monitor.write(id, source, text),
    })
    live.add(launched)
    launched.died.then(() => {
      live.delete(launched)
      const position = idle.findIndex((kept) => kept.environment === launched)
      if (position >= 0) idle.splice(position, 1)[0]?.cancelReaping()
    })
    if (closing) launched.kill('closed')
    return launched
  }

  /** The init phase. Its duration in milliseconds counts for the bill even when it failed. */
  const coldStart = async (): Promise<{ started?: ExecutionEnvironment; initDuration: number }> => {
    const begun = performance.now()
    const started = await launch()
    monitor.initialising(started.id)
    const cancel = clock.schedule(initMilliseconds, () => started.kill('timeout'))
    const result = await started.initialised
    cancel()
    const initDuration = performance.now() - begun
    if (result === 'ready') return { started, initDuration }
    monitor.initialisationFailed(started.id, initDuration, result)
    return { initDuration }
  }

  const takeWarm = (): ExecutionEnvironment | undefined => {
    const kept = idle.pop()
    kept?.cancelReaping()
    return kept?.environment
  }

  const keepWarm = (environment: ExecutionEnvironment): void => {
    if (!live.has(environment)) return
    const cancelReaping = clock.schedule(idleMilliseconds, () => environment.kill('closed'))
    idle.push({ environment, cancelReaping })
  }

  const run = async (body: string, traceHeader: string): Promise<Invocation> => {
    const requestId = randomUUID()
    const warm = takeWarm()
    const cold = warm ? undefined : await coldStart()
    const begun = performance.now()
    const deadline = Date.now() + timeoutMilliseconds
    // A failed initialisation is repeated once as part of the invocation, under the function's own timeout.
    const current = warm ?? cold?.started ?? (await launch())
    monitor.started(current.id, requestId)
    const cancelTimeout = clock.schedule(timeoutMilliseconds, () => current.kill('timeout'))
    const initialised = await current.initialised
    const end: RuntimeAnswer | Death =
      initialised === 'ready'
        ? await current.run({ requestId, functionArn: config.arn, traceHeader, deadline, body })
        : initialised
    cancelTimeout()
    monitor.finished({
      environmentId: current.id,
      requestId,
      end,
      elapsed: performance.now() - begun,
      ...(cold && { init: { duration: cold.initDuration, succeeded: cold.started !== undefined } }),
      peakMemoryBytes: current.peakMemoryBytes,
    })
    keepWarm(current)
    if ('status' in end && end.status === 'succeeded') {
      return { outcome: 'succeeded', payload: JSON.parse(end.body) }
    }
    const error = 'status' in end ? end.error : failureOf(end, requestId, config.timeoutSeconds)
    return { outcome: 'failed', errorType: error.errorType, errorMessage: error.errorMessage, payload: error }
  }

  return {
    name: config.name,
    arn: config.arn,
    timeoutSeconds: config.timeoutSeconds,
    get environments() {
      const waiting = new Set(idle.map(({ environment }) => environment))
      return [...live].map((one) => ({ id: one.id, pid: one.pid, busy: !waiting.has(one) }))
    },
    get metrics() {
      return monitor.metrics
    },
    invoke: async (event, options) => {
      const body = JSON.stringify(event) ?? 'null'
      if (Buffer.byteLength(body) > maximumRequestBytes) {
        return failed('RequestTooLargeException', `Request must be smaller than ${maximumRequestBytes} bytes`)
      }
      const leave = closing ? undefined : concurrency.tryEnter()
      if (!leave) {
        monitor.throttled()
        return { outcome: 'throttled' }
      }
      const invocation = run(body, options?.traceHeader ?? freshTraceHeader(Date.now()))
        // No process could be started: Lambda's own failure, not the function's.
        .catch((error: unknown) => failed('ServiceException', String(error)))
        .finally(leave)
      inProgress.add(invocation)
      return invocation.finally(() => inProgress.delete(invocation))
    },
    kill: (environmentId) => {
      for (const one of live) if (environmentId === undefined || one.id === environmentId) one.kill()
    },
    close: async () => {
      closing = true
      for (const one of live) one.kill('closed')
      await Promise.all([...inProgress])
      await Promise.all([...live].map((one) => one.died))
    },
  }
}

const failed = (errorType: string, errorMessage: string): Invocation => ({
  outcome: 'failed',
  errorType,
  errorMessage,
  payload: { errorType, errorMessage },
})
