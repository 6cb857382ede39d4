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
  reportSales: Duration.minutes(5),
} satisfies Record<string, Duration>
