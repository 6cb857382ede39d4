import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3'
import { onTestFinished } from 'vitest'
import { localEnvironment } from '../arn.ts'
import type { Clock } from '../clock.ts'
import { systemClock } from '../clock.ts'
import type { ObjectEvent } from '../events/object-event.ts'
import type { Bucket } from './bucket.ts'
import { bucketNamed, credentials, type TestDoor, testDoor } from './s3-test-door.ts'
import { startS3 } from './start-s3.ts'

export interface S3TestContext {
  readonly endpoint: string
  readonly client: S3Client
  readonly door: TestDoor
  readonly events: ObjectEvent[]
  readonly dataDirectory: string
  clientWith(config: S3ClientConfig): S3Client
  /** How many object bodies and parts are on disk. */
  bodyCount(): Promise<number>
  /** Stops the server and starts it again on the same directory. */
  restart(): Promise<S3TestContext>
}

/** A server with the buckets `files` and `versions` (the latter versioned), gone at the end of the test. */
export const s3TestContext = async (
  options: {
    readonly clock?: Clock
    readonly buckets?: readonly Bucket[]
    readonly dataDirectory?: string
  } = {},
): Promise<S3TestContext> => {
  const dataDirectory = options.dataDirectory ?? (await mkdtemp(join(tmpdir(), 's3-test-')))
  const door = testDoor()
  const events: ObjectEvent[] = []
  const server = await startS3({
    dataDirectory,
    environment: localEnvironment,
    door,
    onObjectEvent: (event) => events.push(event),
    clock: options.clock ?? systemClock,
  })
  const buckets = options.buckets ?? [bucketNamed('files'), bucketNamed('versions', { versioning: true })]
  for (const bucket of buckets) server.createBucket(bucket)
  const clients: S3Client[] = []
  const clientWith = (config: S3ClientConfig): S3Client => {
    const client = new S3Client({
      region: localEnvironment.region,
      endpoint: server.endpoint,
      credentials,
      maxAttempts: 1,
      ...config,
    })
    clients.push(client)
    return client
  }
  let open = true
  const stop = async () => {
    if (!open) return
    open = false
    for (const client of clients) client.destroy()
    await server.close()
  }
  onTestFinished(async () => {
    await stop()
    await rm(dataDirectory, { recursive: true, force: true })
  })
  return {
    endpoint: server.endpoint,
    client: clientWith({}),
    door,
    events,
    dataDirectory,
    clientWith,
    bodyCount: async () => (await readdir(join(dataDirectory, 'bodies'))).length,
    restart: async () => {
      await stop()
      return s3TestContext({ ...options, dataDirectory })
    },
  }
}
