import { buildApp } from 'fauxqs'
import type { Environment } from '../arn.ts'
import type { QueueResource } from '../template/queue.ts'

export interface SqsEngine {
  /** `http://127.0.0.1:<port>`: the engine itself, in front of which nobody asks for permission. */
  readonly endpoint: string
  /** Creates queues with their attributes. */
  createQueues(queues: readonly QueueResource[]): Promise<void>
  /** Ends pending long polls and forgets every message. */
  close(): Promise<void>
}

/** The engine knows one account. */
const engineAccount = '000000000000'

/**
 * Starts SQS in memory on loopback. Messages live as long as the process; they are not dropped when their retention ends.
 */
export const startSqs = async (environment: Environment): Promise<SqsEngine> => {
  if (environment.account !== engineAccount) {
    throw new Error(`The SQS engine knows the account ${engineAccount} only, not ${environment.account}`)
  }
  const app = buildApp({ logger: false, defaultRegion: environment.region })
  const endpoint = await app.listen({ host: '127.0.0.1', port: 0 })
  return {
    endpoint,
    createQueues: async (queues) => {
      for (const queue of queues) await createQueue(endpoint, queue, environment)
    },
    close: () => app.close(),
  }
}

const createQueue = async (
  endpoint: string,
  { queueName, attributes }: QueueResource,
  { region }: Environment,
): Promise<void> => {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': 'AmazonSQS.CreateQueue',
      // The engine takes the region of the queue's ARN from here.
      authorization: `AWS4-HMAC-SHA256 Credential=LOCALOPERATOR/20260101/${region}/sqs/aws4_request, SignedHeaders=host, Signature=0`,
    },
    body: JSON.stringify({ QueueName: queueName, Attributes: attributes }),
  })
  if (!response.ok) throw new Error(`Queue ${queueName} cannot be created: ${await response.text()}`)
}
