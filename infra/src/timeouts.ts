import { Duration } from 'aws-cdk-lib'

/** How long each function may run; its queue's visibility timeout follows from it. */
export const timeouts = {
  // Under the 30 s after which an HTTP API gives up, so that the caller hears our answer.
  http: Duration.seconds(28),
  // A file of 1 GiB is scanned at some 50 MB/s by one vCPU.
  planUpload: Duration.seconds(60),
  // About 100 transactions, at the pace of one partition that ten chunks share.
  importChunk: Duration.seconds(60),
  relayOutbox: Duration.seconds(60),
  fanOutEvent: Duration.seconds(10),
  // One attempt of at most 15 s, and what surrounds it.
  deliverWebhook: Duration.seconds(20),
  expireOrders: Duration.seconds(60),
  sweepOutbox: Duration.seconds(60),
  // Shorter than the three minutes in which Lambda tries a failed asynchronous call twice again: a run that died holds its idempotency record until here.
  reportSales: Duration.seconds(170),
} satisfies Record<string, Duration>
