import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import type { Door, RequestedAction, ServiceFault } from './authorize.ts'
import { callerOf } from './caller-of.ts'
import {
  type JsonObject,
  type JsonService,
  type ServiceAnswer,
  ServiceFaultError,
} from './gateway-service.ts'

export interface Gateway {
  /** `http://127.0.0.1:<port>`, the value of AWS_ENDPOINT_URL_<SERVICE>. */
  readonly endpoint: string
  /** Stops listening and drops the connections; resolves when the port is free. */
  close(): Promise<void>
}

/** Puts a service behind the door, on a loopback port; 0 takes any that is free. */
export const startJsonGateway = async (
  service: JsonService,
  door: Door,
  options: { readonly port?: number } = {},
): Promise<Gateway> => {
  const server = createServer((request, response) => {
    // A failure of ours, an engine that is gone: told as AWS tells its own, and retried by clients.
    handle(service, door, request, response).catch((error: unknown) =>
      send(service, response, faultAnswer(service, internalFailure(error))),
    )
  })
  server.requestTimeout = 0 // long polls
  server.keepAliveTimeout = 60_000
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    endpoint: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

const handle = async (
  service: JsonService,
  door: Door,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const sendFault = (fault: ServiceFault): void => send(service, response, faultAnswer(service, fault))
  const body = await buffer(request)
  const caller = callerOf(request)
  if (!caller) return sendFault(missingToken)

  const operation = operationOf(service, request)
  const understood = understand(service, operation, body)
  const admission = await door.enter({
    service: service.name,
    operation: operation || 'none',
    ...caller,
    ...(understood.ok
      ? { actions: understood.actions, input: understood.input, rewritable: true }
      : { actions: [] }),
  })
  if (admission.verdict === 'refused') return sendFault(admission.fault)
  if (admission.verdict === 'lost') {
    response.destroy()
    return
  }
  const answer = understood.ok
    ? await perform(service, operation, { input: understood.input, body }, admission.instead)
    : faultAnswer(service, understood.fault)
  const departure = await admission.leave({
    status: answer.status,
    ...(answer.errorCode && { errorCode: answer.errorCode }),
    ...(answer.consumedCapacity && { consumedCapacity: answer.consumedCapacity }),
    requestBytes: body.byteLength,
    responseBytes: Buffer.byteLength(answer.body),
    ...(answer.status === 200 && { output: () => JSON.parse(answer.body.toString() || '{}') as JsonObject }),
  })
  switch (departure.kind) {
    case 'answer':
      return send(
        service,
        response,
        departure.output ? { ...answer, body: JSON.stringify(departure.output) } : answer,
      )
    case 'fail':
      return sendFault(departure.fault)
    case 'hang up':
      response.destroy()
      return
    default:
      return departure satisfies never
  }
}

/** Never rejects: a failure of ours is an answer too. */
const perform = async (
  service: JsonService,
  operation: string,
  request: { readonly input: JsonObject; readonly body: Buffer },
  instead: { readonly input: JsonObject } | { readonly output: JsonObject } | undefined,
): Promise<ServiceAnswer> => {
  if (instead && 'output' in instead) return { status: 200, body: JSON.stringify(instead.output) }
  const { input, body } = instead
    ? { input: instead.input, body: Buffer.from(JSON.stringify(instead.input)) }
    : request
  return service
    .perform(operation, input, body)
    .catch((error: unknown) => faultAnswer(service, internalFailure(error)))
}

const operationOf = (service: JsonService, request: IncomingMessage): string => {
  const target = request.headers['x-amz-target']
  return typeof target === 'string' && target.startsWith(service.targetPrefix)
    ? target.slice(service.targetPrefix.length)
    : ''
}

type Understood =
  | { readonly ok: true; readonly input: JsonObject; readonly actions: readonly RequestedAction[] }
  | { readonly ok: false; readonly fault: ServiceFault }

const understand = (service: JsonService, operation: string, body: Buffer): Understood => {
  const input = parseObject(body)
  if (!input) return { ok: false, fault: serialization }
  try {
    const actions = service.actionsOf(operation, input)
    return actions ? { ok: true, input, actions } : { ok: false, fault: unknownOperation(service, operation) }
  } catch (error) {
    if (error instanceof ServiceFaultError) return { ok: false, fault: error.fault }
    throw error
  }
}

const parseObject = (body: Buffer): JsonObject | undefined => {
  try {
    const input: unknown = JSON.parse(body.toString() || '{}')
    return typeof input === 'object' && input !== null && !Array.isArray(input)
      ? (input as JsonObject)
      : undefined
  } catch {
    return undefined
  }
}

const send = (service: JsonService, response: ServerResponse, answer: ServiceAnswer): void => {
  response
    .writeHead(answer.status, {
      'content-type': service.contentType,
      'content-length': Buffer.byteLength(answer.body),
      'x-amzn-requestid': randomUUID(),
      ...answer.headers,
    })
    .end(answer.body)
}

const faultAnswer = (service: JsonService, fault: ServiceFault): ServiceAnswer => ({
  status: fault.status,
  errorCode: fault.code,
  body: JSON.stringify({
    __type: `com.amazon.coral.service#${fault.code}`,
    message: fault.message,
    ...fault.details,
  }),
  ...(service.faultHeaders && { headers: service.faultHeaders(fault) }),
})

const missingToken: ServiceFault = {
  status: 403,
  code: 'MissingAuthenticationTokenException',
  message: 'Request is missing Authentication Token',
}

const serialization: ServiceFault = {
  status: 400,
  code: 'SerializationException',
  message: 'The body is not a JSON object.',
}

const internalFailure = (error: unknown): ServiceFault => ({
  status: 500,
  code: 'InternalFailure',
  message: error instanceof Error ? error.message : String(error),
})

const unknownOperation = (service: JsonService, operation: string): ServiceFault => ({
  status: 400,
  code: 'UnknownOperationException',
  message: `The local cloud does not offer ${service.name}:${operation || '(no X-Amz-Target)'}`,
})
