import type { IncomingMessage, ServerResponse } from 'node:http'
import { S3Error } from './s3-error.ts'

/** The raw bytes of one HTTP request. */
export interface RequestBody {
  /** May be iterated once; the first chunk asked for sends `100 Continue` to a client that waits for it. */
  readonly chunks: AsyncIterable<Buffer>
  /** How many have arrived so far. */
  bytesRead(): number
  /**
   * Lets the rest of an unread body run out, so that the client can read the answer; closes the connection instead
   * when the client was never told to send it.
   */
  discard(): void
}

export const requestBody = (
  request: IncomingMessage,
  response: ServerResponse,
  awaitsContinue: boolean,
): RequestBody => {
  let read = 0
  let started = false
  async function* chunks(): AsyncGenerator<Buffer> {
    started = true
    if (awaitsContinue) response.writeContinue()
    try {
      // Destroying the request would destroy the socket that the answer still has to take.
      for await (const chunk of request.iterator({ destroyOnReturn: false })) {
        read += chunk.length
        yield chunk
      }
    } catch (error) {
      throw request.destroyed ? new S3Error('RequestTimeout') : error
    } finally {
      request.resume()
    }
  }
  return {
    chunks: chunks(),
    bytesRead: () => read,
    discard: () => {
      if (awaitsContinue && !started) response.setHeader('connection', 'close')
      else request.resume()
    },
  }
}
