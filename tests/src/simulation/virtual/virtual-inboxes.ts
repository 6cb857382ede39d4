import { signatureHeaders } from '@stockroom/adapters/http/standard-webhooks-signature'
import type { WebhookAnswer, WebhookClient, WebhookRequest } from '@stockroom/domain/webhook/webhook-client'
import { type Clock, pause } from '@stockroom/local-cloud/clock'
import type { Inbox, ReceivedEvent } from '@stockroom/ops/webhook/inbox'
import { verifyWebhook } from '@stockroom/ops/webhook/verify-webhook'
import * as z from 'zod/mini'
import type { Mood } from '../command.ts'

const Event = z.looseObject({
  type: z.string(),
  subject: z.string(),
  sequence: z.string(),
  merchant: z.string(),
})

interface OpenInbox {
  secret: string | undefined
  mood: Mood
  readonly events: Map<string, ReceivedEvent>
  readonly turnedAway: Set<string>
  readonly refused: string[]
}

const base = 'https://receiver.invalid/'
const slowMs = 6_000

/** Subscribers in this process: signed and verified as over HTTPS, in virtual time. */
export class VirtualInboxes implements WebhookClient {
  readonly #clock: Clock
  readonly #inboxes = new Map<string, OpenInbox>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  urlOf(name: string): string {
    return base + name
  }

  trust(name: string, secret: string): void {
    this.#open(name).secret = secret
  }

  setMood(name: string, mood: Mood): void {
    this.#open(name).mood = mood
  }

  calm(): void {
    for (const inbox of this.#inboxes.values()) inbox.mood = 'well'
  }

  byUrl(): ReadonlyMap<string, Inbox> {
    return new Map(
      [...this.#inboxes].map(([name, { events, refused, turnedAway }]) => [
        this.urlOf(name),
        { events: [...events.values()], refused, disorder: [], turnedAway: turnedAway.size },
      ]),
    )
  }

  async post({ url, id, at, body, secrets }: WebhookRequest): Promise<WebhookAnswer> {
    if (!url.startsWith(base)) return { failure: 'name_not_resolved' }
    const inbox = this.#open(url.slice(base.length))
    if (inbox.secret === undefined) return { status: 503 }
    const headers = signatureHeaders({ id, at, body }, secrets)
    const verdict = verifyWebhook(inbox.secret, headers, Buffer.from(body), new Date(this.#clock.now()))
    if (!verdict.genuine) {
      inbox.refused.push(verdict.reason)
      return { status: 401 }
    }
    if (inbox.mood === 'gone') return { status: 410 }
    if ((inbox.mood === 'failing' || inbox.mood === 'slow') && !inbox.turnedAway.has(id)) {
      inbox.turnedAway.add(id)
      if (inbox.mood === 'slow') await pause(this.#clock, slowMs)
      return { status: 500 }
    }
    keep(inbox.events, id, body)
    return { status: 204 }
  }

  #open(name: string): OpenInbox {
    const inbox = this.#inboxes.get(name) ?? {
      secret: undefined,
      mood: 'well',
      events: new Map(),
      turnedAway: new Set(),
      refused: [],
    }
    this.#inboxes.set(name, inbox)
    return inbox
  }
}

const keep = (events: Map<string, ReceivedEvent>, id: string, body: string): void => {
  const known = events.get(id)
  if (known !== undefined) {
    known.arrivals += 1
    return
  }
  const { type, subject, sequence, merchant } = z.parse(Event, JSON.parse(body))
  events.set(id, { id, type, subject, sequence: Number(sequence), merchant, arrivals: 1 })
}
