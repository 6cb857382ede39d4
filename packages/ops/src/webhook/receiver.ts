import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as z from 'zod/mini'
import type { Inbox, ReceivedEvent } from './inbox.ts'
import { verifyWebhook } from './verify-webhook.ts'

/** What a receiver must look at to keep order and to drop repeats. */
const Event = z.looseObject({
  id: z.string(),
  type: z.string(),
  subject: z.string(),
  sequence: z.string(),
  merchant: z.string(),
})

export interface Receiver {
  urlOf(name: string): string
  /** Tells the inbox its secret; until then it turns everything away. */
  trust(name: string, secret: string): void
  /** Every inbox by the URL that webhooks go to. */
  inboxes(): ReadonlyMap<string, Inbox>
  close(): Promise<void>
}

interface OpenInbox {
  secret: string | undefined
  readonly events: Map<string, ReceivedEvent>
  readonly lastOf: Map<string, number>
  readonly refused: string[]
  readonly disorder: string[]
  turnedAway: number
}

export interface ReceiverOptions {
  /** A free one by default. */
  readonly port?: number
  /** Makes an inbox fail on purpose, with 500, before it has looked at the event; `times` is how often the event was turned away already. */
  readonly turnAway?: (eventId: string, times: number, inbox: string) => boolean
  /** Awaited before an inbox looks at a request: makes it slow. */
  readonly hold?: (inbox: string) => Promise<void>
}

/** A subscriber on loopback as one should be written: verifies, drops repeats by id, notices disorder by sequence. */
export const startReceiver = async (options: ReceiverOptions = {}): Promise<Receiver> => {
  const inboxes = new Map<string, OpenInbox>()
  const turned = new Map<string, number>()
  const open = (name: string): OpenInbox => {
    const inbox = inboxes.get(name) ?? {
      secret: undefined,
      events: new Map(),
      lastOf: new Map(),
      refused: [],
      disorder: [],
      turnedAway: 0,
    }
    inboxes.set(name, inbox)
    return inbox
  }

  const receive = (name: string, headers: IncomingMessage['headers'], body: Buffer): number => {
    const inbox = open(name)
    if (inbox.secret === undefined) return 503
    const verdict = verifyWebhook(
      inbox.secret,
      {
        'webhook-id': textOf(headers['webhook-id']),
        'webhook-timestamp': textOf(headers['webhook-timestamp']),
        'webhook-signature': textOf(headers['webhook-signature']),
      },
      body,
    )
    if (!verdict.genuine) {
      inbox.refused.push(verdict.reason)
      return 401
    }
    const times = turned.get(`${name} ${verdict.id}`) ?? 0
    if (options.turnAway?.(verdict.id, times, name) === true) {
      turned.set(`${name} ${verdict.id}`, times + 1)
      inbox.turnedAway += 1
      return 500
    }
    keep(inbox, verdict.id, Event.parse(JSON.parse(body.toString('utf8'))))
    return 204
  }

  const server = createServer((request, response) => void answer(request, response))
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      const body = Buffer.concat(await Array.fromAsync<Buffer>(request))
      const name = (request.url ?? '/').slice(1)
      await options.hold?.(name)
      response.writeHead(receive(name, request.headers, body)).end()
    } catch (error) {
      response.writeHead(400).end(String(error))
    }
  }
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo

  const urlOf = (name: string) => `http://127.0.0.1:${port}/${name}`
  return {
    urlOf,
    trust: (name, secret) => {
      open(name).secret = secret
    },
    inboxes: () =>
      new Map(
        [...inboxes].map(([name, inbox]) => [urlOf(name), { ...inbox, events: [...inbox.events.values()] }]),
      ),
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const keep = (inbox: OpenInbox, id: string, event: z.infer<typeof Event>): void => {
  const known = inbox.events.get(id)
  if (known !== undefined) {
    known.arrivals += 1
    return
  }
  const sequence = Number(event.sequence)
  const last = inbox.lastOf.get(event.subject) ?? 0
  if (sequence !== last + 1) inbox.disorder.push(`${event.subject}: ${sequence} after ${last}`)
  inbox.lastOf.set(event.subject, Math.max(last, sequence))
  inbox.events.set(id, { ...event, id, sequence, arrivals: 1 })
}

const textOf = (header: string | string[] | undefined): string | undefined =>
  typeof header === 'string' ? header : undefined
