import { mkdir } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Environment } from '../arn.ts'
import { type Clock, systemClock } from '../clock.ts'
import type { ObjectEventListener } from '../events/object-event.ts'
import type { Door } from '../gateway/authorize.ts'
import type { Bucket } from './bucket.ts'
import { handleExchange } from './handle-exchange.ts'
import { MultipartIndex } from './multipart-index.ts'
import { ObjectFiles } from './object-files.ts'
import { ObjectIndex } from './object-index.ts'

export interface S3Options {
  /** Made when missing. Objects in it survive a restart; buckets do not: create them again. */
  readonly dataDirectory: string
  readonly environment: Environment
  /** A free one by default. */
  readonly port?: number
  readonly door: Door
  readonly onObjectEvent: ObjectEventListener
  readonly clock?: Clock
}

export interface S3Server {
  /** `http://127.0.0.1:<port>`, for path-style requests. */
  readonly endpoint: string
  /** Creates a bucket, or gives an existing one another configuration. Throws for a name that S3 refuses. */
  createBucket(bucket: Bucket): void
  /** Cuts connections, waits for requests in progress and closes the index. */
  close(): Promise<void>
}

/** Starts a server of S3's API on 127.0.0.1. Every request passes `door` before it has an effect. */
export const startS3 = async (options: S3Options): Promise<S3Server> => {
  const { dataDirectory, environment, door, onObjectEvent, clock = systemClock } = options
  await mkdir(dataDirectory, { recursive: true })
  const database = new DatabaseSync(join(dataDirectory, 'index.sqlite'))
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL')
  const index = new ObjectIndex(database)
  const uploads = new MultipartIndex(database)
  const files = await ObjectFiles.open(
    join(dataDirectory, 'bodies'),
    (id) => index.isReferenced(id) || uploads.isReferenced(id),
  )
  const buckets = new Map<string, Bucket>()

  // Uploads may take as long as they take.
  const server = createServer({ requestTimeout: 0, keepAliveTimeout: 60_000 })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, '127.0.0.1', resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The S3 server has no TCP address')
  const endpoint = `http://127.0.0.1:${address.port}`
  const service = {
    environment,
    clock,
    endpoint,
    buckets,
    index,
    uploads,
    completing: new Set<string>(),
    files,
    onObjectEvent,
  }

  const exchanges = new Set<Promise<void>>()
  const handle = (request: IncomingMessage, response: ServerResponse, awaitsContinue: boolean): void => {
    const exchange = handleExchange(service, door, request, response, awaitsContinue)
      .catch((error: unknown) => {
        console.error('The local S3 server could not answer', error)
        response.destroy()
      })
      .finally(() => exchanges.delete(exchange))
    exchanges.add(exchange)
  }
  server.on('request', (request, response) => handle(request, response, false))
  server.on('checkContinue', (request, response) => handle(request, response, true))

  return {
    endpoint,
    createBucket: (bucket) => {
      if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket.name)) {
        throw new Error(`S3 refuses the bucket name ${bucket.name}`)
      }
      buckets.set(bucket.name, bucket)
    },
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
      await Promise.all(exchanges)
      database.close()
    },
  }
}
