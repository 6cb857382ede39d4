import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

/** 6 MiB and a hundred bytes: "Response payload size exceeded maximum allowed payload size (6291556 bytes)." */
const maximumResponseBytes = 6_291_556

/** An event on its way to the runtime. */
export interface RuntimeEvent {
  readonly requestId: string
  readonly functionArn: string
  readonly traceHeader: string
  /** Milliseconds since the epoch. */
  readonly deadline: number
  /** JSON */
  readonly body: string
}

/** An error in the shape in which Lambda hands it to callers. */
export interface RuntimeError {
  readonly errorType: string
  readonly errorMessage: string
  readonly trace?: readonly string[]
}

/** What the runtime says; `asked` means that it is ready for an event. */
export interface RuntimeListener {
  asked(residentBytes: number): void
  answered(answer: RuntimeAnswer): void
  initialisationFailed(error: RuntimeError): void
}

export type RuntimeAnswer =
  | { readonly status: 'succeeded'; readonly body: string }
  | { readonly status: 'failed'; readonly error: RuntimeError }

export interface RuntimeApi {
  /** `127.0.0.1:port`, the value of AWS_LAMBDA_RUNTIME_API. */
  readonly address: string
  /** Answers the waiting `next`. Throws when the runtime has not asked. */
  send(event: RuntimeEvent): void
  close(): void
}

/**
 * The Lambda Runtime API (2018-06-01) for exactly one execution environment: the port tells who calls, because the
 * runtime's report of a failed initialisation names nobody.
 */
export const startRuntimeApi = async (listener: RuntimeListener): Promise<RuntimeApi> => {
  let waiting: ServerResponse | undefined
  let requestId: string | undefined

  const route = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = request.url?.replace('/2018-06-01/runtime/', '')
    if (request.method === 'GET' && path === 'invocation/next') {
      waiting = response
      listener.asked(Number(request.headers['local-cloud-rss-bytes'] ?? 0))
      return
    }
    const body = await buffer(request)
    if (path === 'init/error') {
      listener.initialisationFailed(parseError(body))
      response.writeHead(202).end()
    } else if (requestId && path === `invocation/${requestId}/response`) {
      listener.answered(answerOf(request, body))
      response.writeHead(202).end()
    } else if (requestId && path === `invocation/${requestId}/error`) {
      listener.answered({ status: 'failed', error: parseError(body) })
      response.writeHead(202).end()
    } else {
      response.writeHead(404).end(JSON.stringify({ errorType: 'InvalidRequestID', errorMessage: path }))
    }
  }

  const server = createServer((request, response) => {
    route(request, response).catch(() => response.destroy()) // the process died in the middle of a request
  })
  // A handler may take minutes between two requests on its one connection.
  server.keepAliveTimeout = 0
  server.requestTimeout = 0
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo

  return {
    address: `127.0.0.1:${port}`,
    send: (event) => {
      if (!waiting) throw new Error(`the runtime of ${event.functionArn} is not waiting for an event`)
      requestId = event.requestId
      waiting
        .writeHead(200, {
          'content-type': 'application/json',
          'lambda-runtime-aws-request-id': event.requestId,
          'lambda-runtime-deadline-ms': String(event.deadline),
          'lambda-runtime-invoked-function-arn': event.functionArn,
          'lambda-runtime-trace-id': event.traceHeader,
        })
        .end(event.body)
      waiting = undefined
    },
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

const answerOf = (request: IncomingMessage, body: Buffer): RuntimeAnswer => {
  if (request.headers['lambda-runtime-function-response-mode'] === 'streaming') {
    const errorMessage = 'The local cloud does not run handlers that stream their response.'
    return { status: 'failed', error: { errorType: 'LocalCloud.ResponseStreaming', errorMessage } }
  }
  if (body.byteLength > maximumResponseBytes) {
    const errorMessage = `Response payload size exceeded maximum allowed payload size (${maximumResponseBytes} bytes).`
    return { status: 'failed', error: { errorType: 'Function.ResponseSizeTooLarge', errorMessage } }
  }
  return { status: 'succeeded', body: body.toString() }
}

const parseError = (body: Buffer): RuntimeError => {
  const { errorType, errorMessage, trace }: Record<string, unknown> = JSON.parse(body.toString())
  return {
    errorType: typeof errorType === 'string' ? errorType : 'Error',
    errorMessage: typeof errorMessage === 'string' ? errorMessage : '',
    ...(Array.isArray(trace) && { trace: trace.map(String) }),
  }
}
