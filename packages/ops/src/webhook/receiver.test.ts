import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { readNetworks } from '@stockroom/adapters/http/address-policy'
import { HttpsWebhookClient } from '@stockroom/adapters/http/https-webhook-client'
import { aWebhookDesk } from '@stockroom/domain/webhook/a-webhook-desk'
import type { WebhookClient, WebhookRequest } from '@stockroom/domain/webhook/webhook-client'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Receiver, startReceiver } from './receiver.ts'

const closing: (() => unknown)[] = []
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] })
})
afterEach(async () => {
  vi.useRealTimers()
  for (const close of closing.splice(0).toReversed()) await close()
})

/** A line to `receiver` that lets every request through and hangs up when its answer comes, `times` times. */
const losingAnswers = async (receiver: Receiver, times: number): Promise<string> => {
  const { port: behind, pathname } = new URL(receiver.urlOf('shop'))
  let lost = 0
  const line = createServer((socket) => {
    const on = connect(Number(behind), '127.0.0.1')
    const hangUp = () => {
      socket.destroy()
      on.destroy()
    }
    socket.on('error', hangUp).on('close', hangUp).pipe(on)
    on.on('error', hangUp).on('close', hangUp)
    on.on('data', (answer) => {
      if (lost++ < times) socket.resetAndDestroy()
      else socket.write(answer)
    })
  }).listen(0, '127.0.0.1')
  closing.push(() => line.close())
  await once(line, 'listening')
  return `http://127.0.0.1:${(line.address() as AddressInfo).port}${pathname}`
}

/** Real requests from a desk whose clock jumps; the receiver's clock goes with it. */
const sending = async (lostAnswers: number, turnAway?: (id: string, times: number) => boolean) => {
  const receiver = await startReceiver(turnAway === undefined ? {} : { turnAway })
  closing.push(() => receiver.close())
  const desk = aWebhookDesk()
  const { id, secret } = await desk.registered(await losingAnswers(receiver, lostAnswers))
  receiver.trust('shop', secret)
  const wire = new HttpsWebhookClient(readNetworks('127.0.0.0/8'))
  const sent: WebhookRequest[] = []
  const travelSeconds: number[] = []
  const client: WebhookClient = {
    post: (request) => {
      vi.setSystemTime(request.at.getTime() + (travelSeconds.shift() ?? 0) * 1_000)
      sent.push(request)
      return wire.post(request)
    },
  }
  const inbox = () => receiver.inboxes().get(receiver.urlOf('shop'))
  const drain = () => desk.drain(undefined, { ...desk.ports, client })
  const attempts = async () =>
    (await desk.deliveries.page(desk.shop, id, { limit: 9 })).items.map(({ attempts: made }) =>
      made.map(({ result }) => result),
    )
  return { desk, sent, travelSeconds, inbox, drain, attempts }
}

describe('the receiver', () => {
  it('gets a webhook again whose answer was lost, by the same id and signed anew, and counts it once', async () => {
    const { desk, sent, inbox, drain, attempts } = await sending(2)
    const body = desk.anEvent('ord_1', 1)
    await desk.fanOut(body)
    await drain()
    const reset = { failure: 'connection_reset' }
    expect(await attempts()).toEqual([[reset, reset, { status: 204 }]])
    expect(inbox()).toMatchObject({
      events: [{ id: JSON.parse(body).id, subject: 'ord_1', sequence: 1, arrivals: 3 }],
      refused: [],
      disorder: [],
    })
    expect(new Set(sent.map(({ id }) => id)).size).toBe(1)
    expect(new Set(sent.map(({ at }) => at.getTime())).size).toBe(3)
  })

  it('sees an order’s events in their order although one is turned away and answers are lost', async () => {
    const { desk, inbox, drain } = await sending(1, (_, times) => times < 1)
    for (const version of [1, 2, 3]) await desk.fanOut(desk.anEvent('ord_1', version))
    await drain()
    expect(inbox()?.events.map(({ sequence }) => sequence)).toEqual([1, 2, 3])
    expect(inbox()).toMatchObject({ refused: [], disorder: [], turnedAway: 3 })
  })

  it('tells a webhook that comes too late from a genuine one', async () => {
    const { desk, inbox, drain, attempts, travelSeconds } = await sending(0)
    await desk.fanOut(desk.anEvent('ord_1', 1))
    travelSeconds.push(301)
    await drain()
    expect(inbox()?.refused).toEqual(['the timestamp is too far off'])
    expect(await attempts()).toEqual([[{ status: 401 }, { status: 204 }]])
  })
})
