import fc from 'fast-check'
import { expect, test } from 'vitest'
import { aKeyedRequest } from '../idempotency/a-keyed-request.ts'
import { MerchantId } from '../merchant-id.ts'
import type { Outcome } from '../refusal.ts'
import { Sku } from '../sku.ts'
import { anOrderDesk } from './an-order-desk.ts'
import type { Order } from './order.ts'

const shop = MerchantId.parse('corner-shop')
const cause = { correlationId: 'c-1' }
const soon = new Date('2030-01-01T00:00:00Z')

const command = fc.record({
  kind: fc.constantFrom('place', 'pay', 'cancel', 'expire'),
  key: fc.integer({ min: 0, max: 4 }),
  sku: fc.constantFrom('tea', 'pot', 'none'),
  quantity: fc.integer({ min: 1, max: 4 }),
  target: fc.nat({ max: 3 }),
})

test('in any interleaving of any commands stock, orders, answers and events agree', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.array(command, { maxLength: 14 }), async (scheduler, commands) => {
      const desk = anOrderDesk()
      desk.receive(shop, 'tea', 6)
      desk.receive(shop, 'pot', 3)
      const placed: Order[] = []
      for (let i = 0; i < 2; i++) {
        const { outcome } = await desk.place({
          request: aKeyedRequest(shop, `given-${i}`),
          cause,
          lines: [{ sku: Sku.parse('tea'), quantity: 1 }],
        })
        if (outcome.ok) placed.push(outcome.value)
        if (i === 0) desk.clock.advance(901)
      }

      // Every call of a port takes its turn when the scheduler says so, and its answer once more.
      const turn = () => scheduler.schedule(Promise.resolve())
      const interleaved =
        <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
        async (...args: A): Promise<R> => {
          await turn()
          const result = await call(...args)
          await turn()
          return result
        }
      desk.orders.find = interleaved(desk.orders.find.bind(desk.orders))
      desk.orders.commit = interleaved(desk.orders.commit.bind(desk.orders))
      desk.answers.find = interleaved(desk.answers.find.bind(desk.answers))
      desk.answers.keep = interleaved(desk.answers.keep.bind(desk.answers))
      desk.products.findAll = interleaved(desk.products.findAll.bind(desk.products))

      const answers = new Map<string, Outcome<Order>>()
      await scheduler.waitFor(
        Promise.all(
          commands.map(async ({ kind, key, sku, quantity, target }) => {
            if (kind === 'expire') return void (await desk.expire({ cause, deadline: soon }))
            const order = placed[target % placed.length]
            if (order === undefined) return
            const body = kind === 'place' ? `${sku} ${quantity}` : order.id
            const request = aKeyedRequest(shop, `key-${key}`, { route: kind, fingerprint: body })
            const { outcome } = await {
              place: () => desk.place({ request, cause, lines: [{ sku: Sku.parse(sku), quantity }] }),
              pay: () =>
                desk.pay({ request, cause, id: order.id, payment: { amount: order.total, reference: 'p' } }),
              cancel: () => desk.cancel({ request, cause, id: order.id }),
            }[kind]()
            if (!outcome.ok && outcome.refusal.code === 'idempotency.key_reused') return
            const identity = JSON.stringify(request)
            expect(outcome).toEqual(answers.get(identity) ?? outcome)
            answers.set(identity, outcome)
          }),
        ),
      )

      // What the events say is what the stock shows.
      const seen = new Map<string, number>()
      for (const { subject, sequence } of desk.outbox) {
        expect(Number(sequence)).toBe((seen.get(subject) ?? 0) + 1)
        seen.set(subject, Number(sequence))
      }
      const { items: orders } = await desk.orders.page(shop, { limit: 100 })
      expect(seen).toEqual(new Map(orders.map(({ id, version }) => [id, version])))
      for (const [sku, received] of [
        ['tea', 6],
        ['pot', 3],
      ] as const) {
        const [available = 0, reserved = 0, sold = 0] =
          (await scheduler.waitFor(desk.figures(shop, sku))) ?? []
        expect(available + reserved + sold).toBe(received)
      }
    }),
  )
})
