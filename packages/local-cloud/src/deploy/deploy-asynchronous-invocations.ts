import type { Environment } from '../arn.ts'
import type { Clock } from '../clock.ts'
import { AsynchronousInvocation } from '../events/asynchronous-invocation.ts'
import type { EventSourceObserver } from '../events/event-source-observer.ts'
import type { QueueProducer } from '../events/queue-transport.ts'
import { serviceSessions } from '../gateway/service-sessions.ts'
import type { CloudTemplate } from '../template/cloud-template.ts'
import type { EventInvokeConfigResource } from '../template/event-invoke-config.ts'
import { TemplateError } from '../template/template-error.ts'
import type { DeployedFunction } from './deploy-functions.ts'
import { queueAs } from './service-credentials.ts'

export interface AsynchronousInvocationsDependencies {
  readonly environment: Environment
  readonly clock: Clock
  readonly observe: EventSourceObserver
  readonly sqsEndpoint: string
  /** Milliseconds before the first and the second retry, instead of AWS's minute and two. */
  readonly retryDelaysMs?: readonly [number, number] | undefined
}

/** Lambda's event queues, one in front of each function. */
export interface AsynchronousInvocations {
  readonly byArn: ReadonlyMap<string, AsynchronousInvocation>
  /** Ends the retries; resolves when no invocation is under way. */
  close(): Promise<void>
}

/** Puts an event queue in front of each function, with the retries and destinations of its `EventInvokeConfig`. */
export const deployAsynchronousInvocations = (
  template: CloudTemplate,
  functions: readonly DeployedFunction[],
  deps: AsynchronousInvocationsDependencies,
): AsynchronousInvocations => {
  const { environment, clock, observe, sqsEndpoint, retryDelaysMs } = deps
  for (const config of template.eventInvokeConfigs)
    if (!functions.some(({ name }) => name === config.functionName))
      throw problem(config, `there is no function ${config.functionName}`)

  const queueOf = (
    config: EventInvokeConfigResource,
    target: DeployedFunction,
    arn: string | undefined,
  ): QueueProducer | undefined => {
    if (arn === undefined) return undefined
    if (!/^arn:[^:]+:sqs:/.test(arn)) throw problem(config, `${arn} is no queue`)
    return queueAs(target.credentialsFor(serviceSessions.asynchronous), environment, sqsEndpoint, arn)
  }
  const invocationsOf = (target: DeployedFunction): AsynchronousInvocation => {
    const config = template.eventInvokeConfigs.find(({ functionName }) => functionName === target.name)
    const onSuccess = config && queueOf(config, target, config.onSuccessArn)
    const onFailure = config && queueOf(config, target, config.onFailureArn)
    return new AsynchronousInvocation(
      {
        ...(config?.maximumRetryAttempts !== undefined && {
          maximumRetryAttempts: config.maximumRetryAttempts,
        }),
        ...(config?.maximumEventAgeInSeconds !== undefined && {
          maximumEventAgeInSeconds: config.maximumEventAgeInSeconds,
        }),
        ...(onSuccess && { onSuccess }),
        ...(onFailure && { onFailure }),
        ...(retryDelaysMs && { retryDelaysMs }),
      },
      { function: target.runtime, clock, observe },
    )
  }
  const byArn = new Map(functions.map((target) => [target.arn, invocationsOf(target)]))
  return {
    byArn,
    close: async () => {
      await Promise.all([...byArn.values()].map((invocations) => invocations.close()))
    },
  }
}

const problem = ({ logicalId }: EventInvokeConfigResource, text: string): TemplateError =>
  new TemplateError(`${logicalId} (AWS::Lambda::EventInvokeConfig): ${text}`)
