import type { Clock } from '@stockroom/local-cloud/clock'
import { InMemoryQueue } from '@stockroom/local-cloud/events/in-memory-queue'
import type { QueueFact } from '@stockroom/ops/audit/facts'
import type { ParkedMessage } from '../world.ts'

const retention = 14 * 86_400

/** The queues of infra/src/queues.ts, each with its dead-letter queue. */
export const virtualQueues = (clock: Clock) => {
  const pair = (
    name: string,
    visibilityTimeoutSeconds: number,
    maxReceiveCount: number,
    suffix: '' | '.fifo' = '',
  ) => {
    const common = {
      clock,
      messageRetentionSeconds: retention,
      deduplicationScope: 'messageGroup' as const,
    }
    const arn = (of: string) => `arn:aws:sqs:eu-west-1:000000000000:${of}${suffix}`
    const deadLetters = new InMemoryQueue({ ...common, queueArn: arn(`${name}-dlq`) })
    const queue = new InMemoryQueue({
      ...common,
      queueArn: arn(name),
      visibilityTimeoutSeconds,
      redrive: { to: deadLetters, maxReceiveCount },
    })
    return { name, queue, deadLetters, visibilityTimeoutSeconds }
  }
  return {
    uploads: pair('uploads', 360, 5),
    chunks: pair('chunks', 360, 10),
    events: pair('events', 60, 10, '.fifo'),
    deliveries: pair('deliveries', 120, 200, '.fifo'),
  }
}
export type VirtualQueues = ReturnType<typeof virtualQueues>
export type QueuePair = VirtualQueues[keyof VirtualQueues]

const factOf = (queue: InMemoryQueue, deadLetters: boolean, now: number): QueueFact => {
  const messages = queue.messages()
  const inFlight = messages.filter(
    ({ receiptHandle, visibleAt }) => receiptHandle !== undefined && visibleAt > now,
  ).length
  return {
    name: queue.queueArn.slice(queue.queueArn.lastIndexOf(':') + 1),
    deadLetters,
    visible: messages.length - inFlight,
    inFlight,
  }
}

export const queueFacts = (queues: VirtualQueues, now: number): readonly QueueFact[] =>
  Object.values(queues).flatMap(({ queue, deadLetters }) => [
    factOf(queue, false, now),
    factOf(deadLetters, true, now),
  ])

export const deadLettersOf = (queues: VirtualQueues): readonly ParkedMessage[] =>
  Object.values(queues).flatMap(({ deadLetters }) =>
    deadLetters.messages().map(({ sent }) => ({ where: deadLetters.queueArn, payload: sent.body })),
  )

/** Moves all dead letters of a queue back to it, oldest first, as a redrive does. */
export const redrive = async ({ queue, deadLetters }: QueuePair): Promise<void> => {
  const none = new AbortController().signal
  for (;;) {
    const messages = await deadLetters.receive(10, 0, none)
    if (messages.length === 0) return
    for (const { Body, Attributes, MessageAttributes, MessageId, ReceiptHandle } of messages) {
      await queue.send({
        body: Body,
        ...(MessageAttributes !== undefined && { attributes: MessageAttributes }),
        ...(Attributes.MessageGroupId !== undefined && {
          groupId: Attributes.MessageGroupId,
          deduplicationId: `${MessageId} again`,
        }),
      })
      await deadLetters.delete([ReceiptHandle])
    }
  }
}
