import { Agent, request } from 'node:http'
import { buffer } from 'node:stream/consumers'
import type { ServiceAnswer } from './gateway-service.ts'

/** Sends requests on to an engine. */
export interface EngineClient {
  /** Rejects when the engine cannot be reached. */
  send(target: string, body: Buffer | string): Promise<ServiceAnswer>
  close(): void
}

/** Speaks an AWS JSON protocol to an engine that trusts everybody; `region` is where the engine shall think it is. */
export const engineClient = (endpoint: string, service: string, region: string): EngineClient => {
  const agent = new Agent({ keepAlive: true })
  const authorization =
    `AWS4-HMAC-SHA256 Credential=LOCAL/20260101/${region}/${service}/aws4_request, ` +
    'SignedHeaders=host, Signature=0'

  return {
    send: (target, body) =>
      new Promise((resolve, reject) => {
        const outgoing = request(endpoint, {
          agent,
          method: 'POST',
          headers: {
            'content-type': 'application/x-amz-json-1.0',
            'content-length': Buffer.byteLength(body),
            'x-amz-target': target,
            'x-amz-date': '20260101T000000Z',
            authorization,
          },
        })
        outgoing.on('error', reject)
        outgoing.on('response', (response) => {
          buffer(response).then((answer) => {
            const status = response.statusCode ?? 500
            const errorCode = status >= 400 ? errorCodeOf(answer) : undefined
            const queryError = response.headers['x-amzn-query-error']
            resolve({
              status,
              body: answer,
              ...(errorCode && { errorCode }),
              ...(typeof queryError === 'string' && { headers: { 'x-amzn-query-error': queryError } }),
            })
          }, reject)
        })
        outgoing.end(body)
      }),
    close: () => agent.destroy(),
  }
}

const errorCodeOf = (body: Buffer): string => {
  const { __type: type } = JSON.parse(body.toString()) as { __type?: unknown }
  return typeof type === 'string' ? (type.split('#').at(-1) ?? type) : 'UnknownError'
}
