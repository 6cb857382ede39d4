import type { HttpApiResponse } from './http-message.ts'

/** Headers that the connection owns; an integration cannot set them. */
const ownedHeaders = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'content-length',
  'upgrade',
  'trailer',
])

/**
 * Reads an integration's answer in payload format 2.0. Without a `statusCode` it becomes the JSON body of a 200, a text becomes
 * that body itself. Undefined when API Gateway could not read it and would answer 500.
 */
export const proxyResponse = (payload: unknown): HttpApiResponse | undefined => {
  if (typeof payload !== 'object' || payload === null || !('statusCode' in payload)) return inferred(payload)
  const {
    statusCode,
    headers = {},
    cookies = [],
    body = '',
    isBase64Encoded = false,
  } = payload as ProxyResult
  const status = Number(statusCode)
  if (!Number.isInteger(status) || status < 100 || status > 599) return undefined
  if (typeof (body ?? '') !== 'string' || !Array.isArray(cookies ?? [])) return undefined
  const entries = Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value] as const)
  if (entries.some(([, value]) => !['string', 'number', 'boolean'].includes(typeof value))) return undefined
  const contentType: [string, string][] = entries.some(([name]) => name === 'content-type')
    ? []
    : [['content-type', 'text/plain;charset=utf-8']]
  return {
    status,
    headers: [
      ...contentType,
      ...entries
        .filter(([name]) => !ownedHeaders.has(name))
        .map(([name, value]): [string, string] => [name, String(value)]),
      ...(cookies ?? []).map((cookie): [string, string] => ['set-cookie', String(cookie)]),
    ],
    body: Buffer.from(body ?? '', isBase64Encoded === true ? 'base64' : 'utf8'),
  }
}

/** What a handler may have returned: nothing of it is certain. */
interface ProxyResult {
  readonly statusCode: unknown
  readonly headers?: Readonly<Record<string, unknown>> | null
  readonly cookies?: readonly unknown[] | null
  readonly body?: string | null
  readonly isBase64Encoded?: unknown
}

const inferred = (payload: unknown): HttpApiResponse => ({
  status: 200,
  headers: [['content-type', 'application/json']],
  body: Buffer.from(typeof payload === 'string' ? payload : (JSON.stringify(payload) ?? 'null')),
})
