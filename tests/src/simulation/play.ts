import type { Random } from '@stockroom/ops/demo/random'
import * as z from 'zod/mini'
import { type Command, type DeliveryFile, type OrderedLine, wideSkus } from './command.ts'
import { deliveryCsv, skuOf } from './delivery-csv.ts'
import type { History, Subscription } from './history.ts'
import { ask } from './shop-client.ts'
import type { ApiAnswer, ApiRequest, UploadForm, World } from './world.ts'

const Placed = z.object({ id: z.string(), total: z.object({ amount: z.int(), currency: z.string() }) })
const Issued = z.object({
  id: z.string(),
  form: z.object({ url: z.string(), fields: z.record(z.string(), z.string()) }),
})
const Target = z.object({ url: z.string() })
const Registered = z.object({ id: z.string(), secret: z.string() })
const Deliveries = z.object({ items: z.array(z.object({ eventId: z.string() })) })

interface KnownOrder {
  readonly merchant: string
  readonly id: string
  readonly total: { readonly amount: number; readonly currency: string }
}

interface KnownUpload {
  readonly merchant: string
  readonly id: string
  readonly form: UploadForm
  readonly file: DeliveryFile
}

interface KeyedRequest {
  readonly request: ApiRequest
  readonly words: string
}

/**
 * Plays commands against a world, each begun a moment after the one before and not waiting for it, so that they meet. What commands refer to is
 * what the answers so far have made known.
 */
export class Play {
  readonly #world: World
  readonly #history: History
  readonly #random: Random
  readonly #longestGapMs: number
  readonly #running = new Set<Promise<void>>()
  readonly #orders: KnownOrder[] = []
  readonly #uploads: KnownUpload[] = []
  readonly #requests: KeyedRequest[] = []
  readonly #endpoints: Subscription[] = []
  #keys = 0
  #inboxes = 0

  constructor(
    world: World,
    history: History,
    { random, longestGapMs }: { readonly random: Random; readonly longestGapMs: number },
  ) {
    this.#world = world
    this.#history = history
    this.#random = random
    this.#longestGapMs = longestGapMs
  }

  /** Begins all commands; resolves when the last one has begun. @throws whatever a command threw so far, which is a bug of tier or model. */
  async begin(commands: readonly Command[]): Promise<void> {
    for (const command of commands) {
      const gap = this.#random.integer(0, this.#longestGapMs)
      if (command.kind === 'wait') {
        this.#history.note(`wait ${command.seconds} s`)
        await this.#world.wait(command.seconds)
        continue
      }
      const run = this.#do(command).finally(() => this.#running.delete(run))
      this.#running.add(run)
      run.catch(() => undefined)
      await this.#world.wait(gap / 1_000)
    }
  }

  /** Resolves when every client has its answer, or has given up. */
  async end(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running)
  }

  async #do(command: Exclude<Command, { kind: 'wait' }>): Promise<void> {
    switch (command.kind) {
      case 'deliver':
        return this.#deliver(this.#merchant(command.merchant), command.file)
      case 'deliver_again': {
        const upload = pick(this.#uploads, command.upload)
        return upload && this.#send(upload, command.file === 'same' ? upload.file : command.file)
      }
      case 'place':
        return this.#place(this.#merchant(command.merchant), command.lines, command.holdSeconds)
      case 'deliver_wide':
        return this.#deliver(this.#merchant(command.merchant), wideFile)
      case 'place_long':
        return this.#place(
          this.#merchant(command.merchant),
          wideLines.slice(0, command.skus),
          command.holdSeconds,
        )
      case 'repeat': {
        const earlier = pick(this.#requests, command.request)
        return earlier && this.#repeat(earlier, command.body)
      }
      case 'pay': {
        const order = pick(this.#orders, command.order)
        if (order === undefined) return
        const { amount, currency } = order.total
        const given = command.amount === 'right' ? amount : amount + 1
        const body = { amount: given, currency, reference: `pay-${this.#keys}` }
        const path = `/orders/${order.id}/payment`
        await this.#keyed(
          { merchant: order.merchant, method: 'POST', path, body },
          `pay ${order.id} ${given}`,
        )
        return
      }
      case 'cancel': {
        const order = pick(this.#orders, command.order)
        if (order === undefined) return
        const path = `/orders/${order.id}/cancellation`
        await this.#keyed({ merchant: order.merchant, method: 'POST', path, body: {} }, `cancel ${order.id}`)
        return
      }
      case 'read': {
        const order = pick(this.#orders, command.order)
        if (order === undefined) return
        const stranger = this.#world.merchants.find((merchant) => merchant !== order.merchant)
        const merchant = command.as === 'owner' ? order.merchant : (stranger ?? order.merchant)
        await this.#ask({ merchant, method: 'GET', path: `/orders/${order.id}` }, `read ${order.id}`)
        return
      }
      case 'list':
        await this.#ask(
          { merchant: this.#merchant(command.merchant), method: 'GET', path: `/${command.what}` },
          `list ${command.what}`,
        )
        return
      case 'subscribe':
        return this.#subscribe(this.#merchant(command.merchant), command.types)
      case 'unsubscribe': {
        const endpoint = pick(this.#endpoints, command.endpoint)
        if (endpoint === undefined) return
        const { merchant, id } = endpoint
        await this.#ask({ merchant, method: 'DELETE', path: `/webhook-endpoints/${id}` }, `unsubscribe ${id}`)
        return
      }
      case 'replay':
        return this.#replay(pick(this.#endpoints, command.endpoint), command.delivery)
      case 'receiver': {
        const endpoint = pick(this.#endpoints, command.endpoint)
        if (endpoint === undefined) return
        this.#history.note(`receiver of ${endpoint.id} is ${command.mood}`)
        this.#history.moods.add(`${endpoint.inbox} ${command.mood}`)
        this.#world.setMood(endpoint.inbox, command.mood)
        return
      }
      case 'tick':
        this.#history.note(`tick ${command.job}`)
        return this.#world.tick(command.job)
      case 'pause_stream':
        this.#history.note(`the stream's mapping stands still for ${command.hours} h`)
        return this.#world.pauseStream?.(command.hours * 3_600)
      case 'restart':
        this.#history.note('restart')
        return this.#world.restart()
      default:
        command satisfies never
    }
  }

  #merchant(index: number): string {
    const merchant = pick(this.#world.merchants, index)
    if (merchant === undefined) throw new RangeError('A world without merchants')
    return merchant
  }

  /** Asks until answered, and learns from the answer what there is to refer to: a repeat may be answered before the first attempt is. */
  async #ask(request: ApiRequest, words: string): Promise<ApiAnswer | undefined> {
    const answer = await ask(this.#world, this.#history, request, words)
    if (answer?.status !== 201) return answer
    const { merchant, path, body } = request
    if (path === '/orders') {
      const order = { merchant, ...z.parse(Placed, answer.body) }
      if (!this.#orders.some(({ id }) => id === order.id)) this.#orders.push(order)
    }
    if (path === '/webhook-endpoints') this.#trust(merchant, z.parse(Target, body).url, answer)
    return answer
  }

  #trust(merchant: string, url: string, answer: ApiAnswer): void {
    const { id, secret } = z.parse(Registered, answer.body)
    if (this.#endpoints.some((known) => known.id === id)) return
    const inbox = url.slice(url.lastIndexOf('/') + 1)
    this.#world.trust(inbox, secret)
    const subscription = { merchant, id, inbox, secret, at: this.#world.now() }
    this.#endpoints.push(subscription)
    this.#history.subscriptions.push(subscription)
  }

  /** A request under a new key, which later commands may repeat. */
  async #keyed(request: ApiRequest, words: string) {
    this.#keys += 1
    const keyed = { ...request, idempotencyKey: `k${this.#keys}` }
    const marked = `${words} [${keyed.idempotencyKey}]`
    this.#requests.push({ request: keyed, words: marked })
    return this.#ask(keyed, marked)
  }

  async #deliver(merchant: string, file: DeliveryFile): Promise<void> {
    const body = { filename: 'delivery.csv', currency: 'EUR' }
    const answer = await this.#keyed(
      { merchant, method: 'POST', path: '/uploads', body },
      'announce a delivery',
    )
    if (answer?.status !== 201) return
    const { id, form } = z.parse(Issued, answer.body)
    const upload = { merchant, id, form, file }
    this.#uploads.push(upload)
    await this.#send(upload, file)
  }

  async #send({ merchant, id, form }: KnownUpload, file: DeliveryFile): Promise<void> {
    const { bytes, ...contents } = deliveryCsv(file)
    const stored = await this.#world.putFile(form, bytes)
    this.#history.files.push({ merchant, uploadId: id, stored, ...contents })
    const rows = file.rows.map(({ sku, quantity, wrong }) => `${skuOf(sku)}×${wrong ? '?' : quantity}`)
    const what = file.fault === 'none' ? inWords(rows) : file.fault
    this.#history.note(`${merchant}: file of ${id}: ${what} → ${stored}`)
  }

  async #place(merchant: string, lines: readonly OrderedLine[], holdSeconds: number): Promise<void> {
    const body = {
      lines: lines.map(({ sku, quantity }) => ({ sku: skuOf(sku), quantity })),
      holdSeconds,
      // Shows up again if anybody logs a body.
      reference: `canary-${this.#keys + 1}`,
    }
    const words = inWords(lines.map(({ sku, quantity }) => `${skuOf(sku)}×${quantity}`))
    await this.#keyed(
      { merchant, method: 'POST', path: '/orders', body },
      `order ${words} for ${holdSeconds} s`,
    )
  }

  async #repeat({ request, words }: KeyedRequest, body: 'same' | 'other'): Promise<void> {
    const changed = otherBody(request)
    if (body === 'other' && changed !== undefined)
      await this.#ask({ ...request, body: changed }, `again with another body: ${words}`)
    else await this.#ask(request, `again: ${words}`)
  }

  async #subscribe(merchant: string, types: 'all' | 'orders'): Promise<void> {
    this.#inboxes += 1
    const inbox = `${merchant}-${this.#inboxes}`
    const orders = ['placed', 'paid', 'cancelled', 'expired'].map((state) => `order.${state}.v1`)
    const body = {
      url: this.#world.inboxUrl(inbox),
      ...(types === 'orders' ? { eventTypes: orders } : {}),
    }
    await this.#keyed(
      { merchant, method: 'POST', path: '/webhook-endpoints', body },
      `subscribe ${inbox} to ${types}`,
    )
  }

  async #replay(endpoint: Subscription | undefined, index: number): Promise<void> {
    if (endpoint === undefined) return
    const { merchant, id } = endpoint
    const path = `/webhook-endpoints/${id}/deliveries`
    const listed = await this.#ask({ merchant, method: 'GET', path }, `list deliveries of ${id}`)
    if (listed?.status !== 200) return
    const delivery = pick(z.parse(Deliveries, listed.body).items, index)
    if (delivery === undefined) return
    const { eventId } = delivery
    await this.#ask(
      { merchant, method: 'POST', path: `${path}/${eventId}/replay` },
      `replay ${eventId} to ${id}`,
    )
  }
}

/** Two units of each sku that long orders want one of. */
const wideFile: DeliveryFile = {
  rows: Array.from({ length: wideSkus }, (_, index) => ({ sku: 100 + index, quantity: 2, wrong: false })),
  fault: 'none',
}
const wideLines: readonly OrderedLine[] = wideFile.rows.map(({ sku }) => ({ sku, quantity: 1 }))

const mostInWords = 10
const inWords = (items: readonly string[]): string =>
  items.length <= mostInWords ? items.join(' ') : `${items[0]} to ${items.at(-1)} (${items.length} skus)`

/** Counted from the newest: what is going on is where commands meet. */
const pick = <T>(items: readonly T[], index: number): T | undefined =>
  items.length === 0 ? undefined : items[items.length - 1 - (index % items.length)]

/** Another body that the schema of the request still takes; nothing where the body means nothing. */
const otherBody = ({ path, body }: ApiRequest): object | undefined => {
  if (typeof body !== 'object' || body === null || path.endsWith('/cancellation')) return undefined
  if (path === '/uploads') return { ...body, filename: 'other.csv' }
  if (path === '/webhook-endpoints') return { ...body, eventTypes: ['order.paid.v1'] }
  return { ...body, reference: 'other' }
}
