import * as z from 'zod/mini'
import type { DeadLetter } from './dead-letter.ts'
import type { ParkedCall } from './invocation-destination.ts'
import { parsedJson } from './message-subject.ts'

type Letter = Pick<DeadLetter, 'body' | 'attributes'>

/** `arn:aws:lambda:eu-west-1:1234:function:name` with or without a version. */
const functionNameOf = (arn: string): string | undefined => /:function:([^:]+)/.exec(arn)?.[1]

/**
 * What EventBridge Scheduler leaves: the target's input as body and the rest as attributes (Scheduler guide, "configuring-schedule-dlq"). The time
 * comes from its attribute: whether the body's keywords have been replaced by then, the guide does not say.
 */
export const scheduledCall = ({ body, attributes }: Letter): ParkedCall | undefined => {
  const value = (name: string) => attributes[name]?.StringValue
  const functionName = functionNameOf(value('TARGET_ARN') ?? '')
  const scheduledAt = value('SCHEDULED_TIME')
  const input = z.record(z.string(), z.unknown()).safeParse(parsedJson(body))
  if (functionName === undefined || scheduledAt === undefined || !input.success) return undefined
  const code = value('ERROR_CODE')
  return {
    functionName,
    payload: { ...input.data, scheduledAt },
    error: code === undefined ? undefined : `${code}: ${value('ERROR_MESSAGE') ?? ''}`,
  }
}

/** Lambda's record of an asynchronous call that ended in failure (Lambda guide, "invocation-async-retain-records"). */
const FailedRun = z.object({
  requestContext: z.object({ functionArn: z.string(), condition: z.string() }),
  requestPayload: z.unknown(),
  responsePayload: z.optional(
    z.nullable(z.object({ errorType: z.optional(z.string()), errorMessage: z.optional(z.string()) })),
  ),
})

/** Reads the record that an on-failure destination gets. */
export const failedRun = ({ body }: Letter): ParkedCall | undefined => {
  const record = FailedRun.safeParse(parsedJson(body))
  if (!record.success) return undefined
  const { requestContext, requestPayload, responsePayload } = record.data
  const functionName = functionNameOf(requestContext.functionArn)
  if (functionName === undefined) return undefined
  const { errorType, errorMessage } = responsePayload ?? {}
  return {
    functionName,
    payload: requestPayload,
    error:
      errorType === undefined
        ? requestContext.condition
        : `${errorType}: ${(errorMessage ?? '').replaceAll(/\s+/g, ' ')}`,
  }
}
