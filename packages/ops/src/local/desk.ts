import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream } from 'node:stream/web'
import * as z from 'zod/mini'
import { apiPageFile } from './api-page.ts'

/** What the desk hands out. */
export interface DeskServices {
  readonly apiUrl: string
  issueToken(merchant: string, scopes: readonly string[] | undefined): Promise<string>
  inboxes(): unknown
  schedules(): readonly string[]
  /** Runs a schedule's target now, as if due at `scheduledAt`. Rejects when it fails or is unknown. */
  runSchedule(name: string, scheduledAt: Date): Promise<unknown>
}

export interface Desk {
  readonly url: string
  close(): Promise<void>
}

const TokenRequest = z.strictObject({ merchant: z.string(), scopes: z.optional(z.array(z.string())) })
const ScheduleRequest = z.strictObject({ scheduledAt: z.iso.datetime() })

/**
 * The local stage's front desk on loopback: tokens, receivers' inboxes, schedules, and the API's page with a way to the API that shares the page's origin.
 * It hands out rights, so it answers to no other host name: a web page elsewhere cannot talk to it by rebinding its own name.
 */
export const startDesk = async (services: DeskServices, port = 0): Promise<Desk> => {
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname, search } = new URL(request.url ?? '/', 'http://desk')
    const json = (status: number, body: unknown) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`)
    }
    if (!isLoopback(request.headers.host)) return json(403, { error: 'ask for 127.0.0.1' })
    if (pathname.startsWith('/api/'))
      return passOn(new URL(pathname.slice(4) + search, services.apiUrl), request, response)

    const [, area = '', name = ''] = pathname.split('/').map(decodeURIComponent)
    switch (`${request.method} ${area}`) {
      case 'GET ':
        return void response.writeHead(302, { location: '/docs/' }).end()
      case 'GET docs': {
        if (name === 'openapi.json') return json(200, await describedHere(services.apiUrl))
        const file = await apiPageFile(name)
        if (file === undefined) break
        return void response.writeHead(200, { 'content-type': file.type }).end(file.body)
      }
      case 'GET inboxes':
        return json(200, services.inboxes())
      case 'GET schedules':
        return json(200, services.schedules())
      case 'POST tokens': {
        const { merchant, scopes } = TokenRequest.parse(await bodyOf(request))
        return json(200, { token: await services.issueToken(merchant, scopes) })
      }
      case 'POST schedules': {
        const { scheduledAt } = ScheduleRequest.parse(await bodyOf(request))
        return json(200, await services.runSchedule(name, new Date(scheduledAt)))
      }
    }
    return json(404, { error: `nothing at ${request.method} ${pathname}` })
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      if (response.headersSent) return response.destroy()
      const message = error instanceof Error ? error.message : String(error)
      return response
        .writeHead(400, { 'content-type': 'application/json' })
        .end(`${JSON.stringify({ error: message })}\n`)
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const isLoopback = (host = ''): boolean => /^(127\.0\.0\.1|localhost)(:\d+)?$/.test(host)

const bodyOf = async (request: IncomingMessage): Promise<unknown> => {
  // A form that a foreign page posts cannot have this type without asking first.
  if (request.headers['content-type'] !== 'application/json') throw new Error('send JSON')
  return JSON.parse(Buffer.concat(await Array.fromAsync<Buffer>(request)).toString('utf8'))
}

/** The API's own description, with the desk as its server. */
const describedHere = async (apiUrl: string): Promise<unknown> => {
  const answer = await fetch(new URL('/openapi.json', apiUrl))
  return { ...z.parse(z.looseObject({}), await answer.json()), servers: [{ url: '/api' }] }
}

const passOn = async (url: URL, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const headers = new Headers()
  for (const name of [
    'authorization',
    'content-type',
    'idempotency-key',
    'x-correlation-id',
    'traceparent',
  ]) {
    const value = request.headers[name]
    if (typeof value === 'string') headers.set(name, value)
  }
  const body =
    request.method === 'GET' || request.method === 'HEAD'
      ? undefined
      : Buffer.concat(await Array.fromAsync<Buffer>(request))
  const answer = await fetch(url, {
    method: request.method ?? 'GET',
    headers,
    ...(body === undefined ? {} : { body }),
  })
  // fetch has decoded the body already.
  const passed = [...answer.headers].filter(
    ([name]) => !['content-encoding', 'content-length', 'transfer-encoding'].includes(name),
  )
  response.writeHead(answer.status, Object.fromEntries(passed))
  if (answer.body === null) return void response.end()
  await pipeline(Readable.fromWeb(answer.body as ReadableStream), response)
}
