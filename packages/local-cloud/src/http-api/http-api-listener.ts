import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { bodyLimit, type HttpApi } from './http-api.ts'

export interface HttpApiListener {
  /** `http://127.0.0.1:<port>`, without the stage. */
  readonly origin: string
  /** Takes no new requests; resolves when the running ones are answered. */
  close(): Promise<void>
}

/** API Gateway's limit for the request line and all headers; Node then answers 431 by itself. */
const headerLimit = 10_240

/** Listens for an HTTP API on a loopback port, a free one by default. */
export const listenHttpApi = async (api: HttpApi, port = 0): Promise<HttpApiListener> => {
  let closing = false
  const server = createServer({ maxHeaderSize: headerLimit }, (request, response) => {
    // A busy client would keep its connection, and with it a closing server, for as long as it has something to ask.
    response.on('finish', () => closing && request.socket.destroySoon())
    answer(api, request, response).catch((error: unknown) => {
      // The client went away while it was sending, or before it had read everything.
      response.destroy(error instanceof Error ? error : undefined)
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      closing = true
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeIdleConnections()
      await closed
    },
  }
}

const answer = async (api: HttpApi, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const body = await readUpTo(request, bodyLimit + 1)
  const headers: [string, string][] = []
  for (let i = 0; i + 1 < request.rawHeaders.length; i += 2) {
    headers.push([request.rawHeaders[i] ?? '', request.rawHeaders[i + 1] ?? ''])
  }
  const result = await api.handle({
    method: request.method ?? 'GET',
    target: request.url ?? '/',
    headers,
    body,
    sourceIp: request.socket.remoteAddress ?? '127.0.0.1',
    protocol: `HTTP/${request.httpVersion}`,
  })
  response.statusCode = result.status
  for (const [name, value] of result.headers) response.appendHeader(name, value)
  if (result.status !== 204 && result.status !== 304) response.setHeader('content-length', result.body.length)
  // What was not read would be taken for the next request.
  if (!request.complete) response.setHeader('connection', 'close')
  response.end(result.body)
}

/** The body, or its beginning when it is longer than `limit` bytes. */
const readUpTo = async (request: IncomingMessage, limit: number): Promise<Buffer> => {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    chunks.push(chunk as Buffer)
    length += (chunk as Buffer).length
    if (length >= limit) break
  }
  return Buffer.concat(chunks)
}
