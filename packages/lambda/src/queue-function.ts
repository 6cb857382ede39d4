import {
  BatchProcessor,
  EventType,
  processPartialResponse,
  SqsFifoPartialProcessorAsync,
} from '@aws-lambda-powertools/batch'
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda'
import * as z from 'zod/mini'
import { type Entry, functionStack, logUnder } from './function-stack.ts'
import { logger } from './logger.ts'
import { count } from './metrics.ts'
import { Postponed } from './postponed.ts'
import { type TraceContext, traceContext } from './trace-context.ts'

/** One message, parsed, with what SQS knows of it. */
export interface Message<T> {
  readonly body: T
  readonly messageId: string
  /** Names this receive, for whoever changes when the message is seen again. */
  readonly receiptHandle: string
  /** How often it was received, this time included; throttled invocations count too. */
  readonly receiveCount: number
  readonly cause: TraceContext
}

interface QueueOptions<S extends z.core.$ZodType> {
  /** The JSON of a message. One that does not fit fails like any other, so the queue's DLQ keeps it whole. */
  readonly body: S
  /** Where a message carries its correlation id, if not in the attribute `correlationId`. */
  readonly correlationId?: (body: z.output<S>) => string | undefined
}

type Handle<S extends z.core.$ZodType> = (message: Message<z.output<S>>) => Promise<void>

/**
 * A function on a standard queue. Messages are handled one after another, so that memory and log keys belong to one; those that fail
 * are named to SQS and come back alone (the event source mapping must set ReportBatchItemFailures).
 */
export const queueFunction = <S extends z.core.$ZodType>(options: QueueOptions<S>, handle: Handle<S>) => {
  const processor = new BatchProcessor(EventType.SQS)
  return batchFunction(options, handle, (event, each) =>
    processPartialResponse(event, each, processor, {
      processInParallel: false,
      throwOnFullBatchFailure: false,
    }),
  )
}

/** A function on a FIFO queue: after a message that fails, the rest of its group fails too and keeps its order; other groups go on. */
export const fifoFunction = <S extends z.core.$ZodType>(options: QueueOptions<S>, handle: Handle<S>) => {
  const processor = new SqsFifoPartialProcessorAsync()
  return batchFunction(options, handle, (event, each) =>
    processPartialResponse(event, each, processor, {
      skipGroupOnError: true,
      throwOnFullBatchFailure: false,
    }),
  )
}

const batchFunction = <S extends z.core.$ZodType>(
  { body: schema, correlationId }: QueueOptions<S>,
  handle: Handle<S>,
  process: (event: SQSEvent, each: (record: SQSRecord) => Promise<void>) => Promise<SQSBatchResponse>,
): Entry<SQSEvent, SQSBatchResponse> => {
  const each = async (record: SQSRecord): Promise<void> => {
    const receiveCount = Number(record.attributes.ApproximateReceiveCount)
    logUnder(traceOf(record))
    try {
      const body = z.parse(schema, JSON.parse(record.body))
      const cause = traceOf(record, correlationId?.(body))
      logUnder(cause)
      const { messageId, receiptHandle } = record
      await handle({ body, messageId, receiptHandle, receiveCount, cause })
    } catch (error) {
      if (error instanceof Postponed) throw error
      count('MessageFailed')
      logger.error('Message failed', { messageId: record.messageId, receiveCount, error })
      throw error
    }
  }
  return functionStack((event) => process(event, each))
}

const traceOf = (
  { messageId, attributes, messageAttributes }: SQSRecord,
  correlationId = messageAttributes.correlationId?.stringValue,
): TraceContext =>
  traceContext({
    traceparent: messageAttributes.traceparent?.stringValue,
    xray: attributes.AWSTraceHeader,
    correlationId,
    id: messageId,
  })
