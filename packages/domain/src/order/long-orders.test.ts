import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Busy } from '../busy.ts'
import { aKeyedRequest } from '../idempotency/a-keyed-request.ts'
import type { Answered } from '../idempotency/answer-once.ts'
import { OrderId } from '../ids.ts'
import { MerchantId } from '../merchant-id.ts'
import { Money } from '../money.ts'
import { Sku } from '../sku.ts'
import { type AroundCall, atEveryCall, type dyingAt, Killed, survive } from '../watched-ports.ts'
import { anOrderDesk } from './an-order-desk.ts'
import type { Order } from './order.ts'

const shop = MerchantId.parse('corner-shop')
const cause = { correlationId: 'c-1' }
const units = 2

/** In no order of their names: what is asked for first is not what is reserved first. Two whole parts of 98 and a bit. */
const skus = Array.from({ length: 200 }, (_, i) => `sku-${String((i * 77) % 200).padStart(3, '0')}`)
/** The sku that is reserved last, and where the request names it. */
const lastSku = 'sku-199'
const lastPointer = `#/lines/${skus.indexOf(lastSku)}/quantity`

type Desk = ReturnType<typeof anOrderDesk>

const stocked = (each = units): Desk => {
  const desk = anOrderDesk()
  const unitPrice = Money.parse({ amount: 250, currency: 'EUR' })
  desk.products.move(
    shop,
    skus.map((sku) => ({ kind: 'receive', sku: Sku.parse(sku), quantity: each, name: sku, unitPrice })),
  )
  return desk
}
const placing = (key: string, { of = skus, quantity = units, holdSeconds = 900 } = {}) => ({
  request: aKeyedRequest(shop, key),
  cause,
  lines: of.map((sku) => ({ sku: Sku.parse(sku), quantity })),
  holdSeconds,
})
const total = Money.parse({ amount: skus.length * units * 250, currency: 'EUR' })
const settling = {
  paid: (desk: Pick<Desk, 'pay'>, id: OrderId) => {
    const request = aKeyedRequest(shop, 'settle', { route: 'pay' })
    return desk.pay({ request, cause, id, payment: { amount: total, reference: 'p-1' } })
  },
  cancelled: (desk: Pick<Desk, 'cancel'>, id: OrderId) =>
    desk.cancel({ request: aKeyedRequest(shop, 'settle', { route: 'cancel' }), cause, id }),
}
const tick = (desk: Pick<Desk, 'expire'>) =>
  desk.expire({ cause, deadline: new Date('2030-01-01T00:00:00Z') })

const statusOf = ({ outcome }: Answered<Order>) => (outcome.ok ? outcome.value.status : outcome.refusal.code)
const idOf = ({ outcome }: Answered<Order>): OrderId => {
  if (!outcome.ok) throw new Error(outcome.refusal.detail)
  return outcome.value.id
}

/** Of each status how many orders there are, after a look at everything: stock at rest and as the orders say, and each change told by one event. */
const balanced = async (desk: Desk, received = units) => {
  expect(desk.orders.unfinished()).toEqual([])
  const orders: Order[] = []
  for (const { id } of (await desk.orders.page(shop, { limit: 100 })).items) {
    const order = await desk.orders.find(shop, id)
    if (order === undefined) throw new Error('listed, and not there')
    orders.push(order)
  }
  const products = await desk.products.findAll(
    shop,
    skus.map((sku) => Sku.parse(sku)),
  )
  const ordered = (status: Order['status'], of: string) =>
    orders
      .filter((order) => order.status === status)
      .flatMap(({ lines }) => lines.filter(({ sku }) => sku === of))
      .reduce((sum, { quantity }) => sum + quantity, 0)
  const unbalanced = [...products.values()].filter(
    ({ sku, available, reserved, sold }) =>
      reserved !== ordered('placed', sku) ||
      sold !== ordered('paid', sku) ||
      available + reserved + sold !== received,
  )
  expect(unbalanced).toEqual([])
  expect(desk.outbox.map(({ subject, type }) => `${subject} ${type}`).sort()).toEqual(
    orders
      .flatMap(({ id, status }) => [
        `${id} order.placed.v1`,
        ...(status === 'placed' ? [] : [`${id} order.${status}.v1`]),
      ])
      .sort(),
  )
  return orders.map(({ status }) => status).sort()
}

/** Calls `intrude` before the `nth` call of a process, which waits meanwhile. */
const pausedAt = (nth: number, intrude: () => Promise<unknown>) => {
  let calls = 0
  const around: AroundCall = async (call) => {
    calls += 1
    if (calls === nth) await intrude()
    return call()
  }
  return { around, wasPaused: () => calls >= nth }
}

/** Runs with a pause before each call in turn. */
const betweenAllCalls = async (run: (nth: number) => Promise<boolean>): Promise<number> => {
  let nth = 1
  while (await run(nth)) nth += 1
  return nth - 1
}

describe('a long order', () => {
  test('is placed, listed and told of once, when all of it is reserved', async () => {
    const desk = stocked()
    const seen: unknown[] = []
    const watching = desk.through(async (call, name) => {
      if (name === 'moveStock') {
        seen.push((await desk.orders.page(shop, { limit: 9 })).items.length, desk.outbox.length)
        for (const { id } of desk.orders.unfinished()) seen.push(await desk.orders.find(shop, id))
      }
      return call()
    })
    const first = await watching.place(placing('k'))
    expect(seen).toEqual(Array.from({ length: 3 }, () => [0, 0, undefined]).flat())
    expect(first).toMatchObject({ replayed: false, outcome: { value: { status: 'placed', total } } })
    expect(await desk.place(placing('k'))).toEqual({ ...first, replayed: true })
    expect(await balanced(desk)).toEqual(['placed'])
  })

  test.each([
    [97, ['findAll', 'commit']],
    [98, ['findAll', 'begin', 'find', 'findProgress', 'findReservation', 'moveStock', 'place', 'find']],
  ] as const)('of %i skus takes the shortest way', async (count, calls) => {
    const made: string[] = []
    const desk = stocked()
    const watching = desk.through((call, name) => {
      made.push(name)
      return call()
    })
    await watching.place(placing('k', { of: skus.slice(0, count) }))
    expect(made).toEqual(['find', ...calls])
  })

  test('names what ran out by the lines of its request, and gives everything back', async () => {
    const desk = stocked()
    const other = placing('other', { of: [lastSku], quantity: 1 })
    const racing = desk.through(async (call, name) => {
      if (name === 'begin') await desk.place(other)
      return call()
    })
    const { outcome } = await racing.place(placing('k'))
    expect(outcome).toMatchObject({
      refusal: {
        code: 'order.insufficient_stock',
        items: [{ pointer: lastPointer, detail: `2 of ${lastSku} wanted, 1 available` }],
      },
    })
    expect(await balanced(desk)).toEqual(['placed'])
    expect(await desk.place(placing('k'))).toEqual({ outcome, replayed: true })
  })

  test('asked for again under its key with another body, is refused, also before it is placed', async () => {
    const desk = stocked()
    const reuse = {
      ...placing('k', { of: ['sku-000'] }),
      request: aKeyedRequest(shop, 'k', { fingerprint: 'b' }),
    }
    await betweenAllCalls(async (nth) => {
      const desk = stocked()
      let code: string | undefined
      const paused = pausedAt(nth, async () => {
        if ((await desk.answers.find(reuse.request)) === undefined) return
        const before = desk.orders.unfinished()
        code = statusOf(await desk.place(reuse))
        // Nor does the other body do the work of the first.
        expect(desk.orders.unfinished()).toEqual(before)
      })
      await desk.through(paused.around).place(placing('k'))
      expect(code ?? 'idempotency.key_reused').toBe('idempotency.key_reused')
      expect(await balanced(desk)).toEqual(['placed'])
      return paused.wasPaused()
    })
    await desk.place(placing('k'))
    expect(statusOf(await desk.place(reuse))).toBe('idempotency.key_reused')
  })
})

describe('killed at any call, a long order that is placed', () => {
  test('is there once when the request comes again', async () => {
    const crashes = await atEveryCall(async (dying, name) => {
      const desk = stocked()
      await survive(desk.through(dying.around).place(placing('k')))
      const repeat = await desk.place(placing('k'))
      expect(statusOf(repeat), name).toBe('placed')
      expect(await desk.place(placing('k'))).toEqual({ ...repeat, replayed: true })
      expect(await balanced(desk), name).toEqual(['placed'])
    })
    expect(crashes).toBe(2 * 11)
  })

  test('is there or not when the clock has been by, and the request hears the same for ever', async () => {
    const ends = new Set<string>()
    await atEveryCall(async (dying, name) => {
      const desk = stocked()
      await survive(desk.through(dying.around).place(placing('k')))
      desk.clock.advance(901)
      await tick(desk)
      const statuses = await balanced(desk)
      expect(
        statuses.filter((status) => status !== 'expired'),
        name,
      ).toEqual([])
      const repeat = await desk.place(placing('k'))
      expect(await desk.place(placing('k'))).toEqual({ ...repeat, replayed: true })
      ends.add(`${statuses}, ${repeat.replayed ? statusOf(repeat) : 'anew'}`)
      await balanced(desk)
    })
    // Nothing was begun; it was undone; it had been placed and expired.
    expect(ends).toEqual(new Set([', anew', ', order.expired_while_reserving', 'expired, placed']))
  })

  /** Somebody else gets the last units of the last sku before anything is reserved. */
  const refusedAtTheEnd = async (desk: Desk, dying: ReturnType<typeof dyingAt>) => {
    const other = placing('other', { of: [lastSku], quantity: 1 })
    const racing: AroundCall = async (call, method) => {
      if (method === 'begin') await desk.place(other)
      return dying.around(call, method)
    }
    await survive(desk.through(racing).place(placing('k')))
    await desk.place(other)
  }

  test('and refused for its last line, is given back by the request again, or a minute later', async () => {
    await atEveryCall(async (dying, name) => {
      const desk = stocked()
      await refusedAtTheEnd(desk, dying)
      expect(statusOf(await desk.place(placing('k'))), name).toBe('order.insufficient_stock')
      desk.clock.advance(61)
      await tick(desk)
      expect(await balanced(desk), name).toEqual(['placed'])
    })
  })

  test('and refused for its last line, is given back by the clock', async () => {
    const ends = new Set<string>()
    await atEveryCall(async (dying, name) => {
      const desk = stocked()
      await refusedAtTheEnd(desk, dying)
      // What a refusal has left to give back does not wait until the hold would have ended.
      const isReserving = desk.orders.unfinished().some(({ kind }) => kind === 'reserve')
      desk.clock.advance(isReserving ? 901 : 61)
      await tick(desk)
      expect(await balanced(desk), name).toEqual([isReserving ? 'expired' : 'placed'])
      const repeat = await desk.place(placing('k'))
      ends.add(`${repeat.replayed ? 'had' : 'gets'} ${statusOf(repeat)}`)
    })
    expect(ends).toEqual(
      new Set([
        'gets order.insufficient_stock',
        'had order.insufficient_stock',
        'had order.expired_while_reserving',
      ]),
    )
  })
})

describe('killed at any call, a long order that is settled', () => {
  test.each([
    ['paid', 'the request again'],
    ['paid', 'the clock'],
    ['cancelled', 'the request again'],
    ['cancelled', 'the clock'],
  ] as const)('is %s once, finished by %s', async (status, by) => {
    const leftToDo = new Set<boolean>()
    const crashes = await atEveryCall(async (dying, name) => {
      const desk = stocked()
      const id = idOf(await desk.place(placing('k')))
      await survive(settling[status](desk.through(dying.around), id))
      leftToDo.add(desk.orders.unfinished().length > 0)
      if (by === 'the request again') expect(statusOf(await settling[status](desk, id)), name).toBe(status)
      desk.clock.advance(61)
      await tick(desk)
      const end = await balanced(desk)
      expect(['placed', status], name).toContain(end[0])
      const repeat = await settling[status](desk, id)
      expect([statusOf(repeat), repeat.replayed], name).toEqual([status, end[0] === status])
      expect(await balanced(desk), name).toEqual([status])
    })
    expect(leftToDo).toEqual(new Set([true, false]))
    expect(crashes).toBe(2 * 8)
  })

  test('by the clock, is expired by its next tick', async () => {
    await atEveryCall(async (dying, name) => {
      const desk = stocked()
      await desk.place(placing('k'))
      desk.clock.advance(901)
      await tick(desk.through(dying.around)).catch((error: unknown) => {
        if (!(error instanceof AggregateError)) throw error
      })
      desk.clock.advance(61)
      await tick(desk)
      expect(await balanced(desk), name).toEqual(['expired'])
    })
  })
})

describe('between any two calls of the request that places a long order', () => {
  test('the same request does it, and the first answers the same', async () => {
    const pauses = await betweenAllCalls(async (nth) => {
      const desk = stocked()
      let other: Answered<Order> | undefined
      const paused = pausedAt(nth, async () => {
        other = await desk.place(placing('k'))
      })
      const first = await desk.through(paused.around).place(placing('k'))
      if (other !== undefined) expect(first.outcome).toEqual(other.outcome)
      expect(await balanced(desk), `call ${nth}`).toEqual(['placed'])
      return paused.wasPaused()
    })
    expect(pauses).toBe(11)
  })

  test.each(['paid', 'cancelled'] as const)(
    'it is %s: it is finished first, and the order ends so',
    async (status) => {
      const ends = new Set<string>()
      await betweenAllCalls(async (nth) => {
        const desk = stocked()
        let settled: Answered<Order> | undefined
        const paused = pausedAt(nth, async () => {
          const [begun] = desk.orders.unfinished()
          const [listed] = (await desk.orders.page(shop, { limit: 1 })).items
          settled = await settling[status](
            desk,
            begun?.id ?? listed?.id ?? OrderId.parse(`ord_${'0'.repeat(26)}`),
          )
        })
        const { outcome } = await desk.through(paused.around).place(placing('k'))
        expect(outcome).toMatchObject({ ok: true, value: { status: 'placed' } })
        const end = await balanced(desk)
        if (settled !== undefined) ends.add(`${statusOf(settled)}: ${end}`)
        return paused.wasPaused()
      })
      expect(ends).toEqual(new Set(['order.not_found: placed', `${status}: ${status}`]))
    },
  )

  test('its hold ends: the clock undoes it, and the request changes nothing more and says so', async () => {
    const answers = new Set<string>()
    await betweenAllCalls(async (nth) => {
      const desk = stocked()
      const paused = pausedAt(nth, async () => {
        desk.clock.advance(901)
        await tick(desk)
        // By now the units may belong to others.
        if (desk.orders.unfinished().length === 0) await desk.place(placing('other'))
      })
      const answer = await desk.through(paused.around).place(placing('k'))
      answers.add(statusOf(answer))
      expect(await desk.place(placing('k'))).toEqual({ ...answer, replayed: true })
      desk.clock.advance(901)
      await tick(desk)
      expect(new Set(await balanced(desk)), `call ${nth}`).toEqual(new Set(['expired']))
      return paused.wasPaused()
    })
    expect(answers).toEqual(new Set(['placed', 'order.expired_while_reserving', 'order.insufficient_stock']))
  })

  test('the clock refuses it and dies: the request gives the stock back', async () => {
    const desk = stocked()
    const clock = desk.through(async (call, name) => {
      if (name === 'moveStock') throw new Killed()
      return call()
    })
    const late = desk.through(async (call, name) => {
      if (name === 'place') {
        desk.clock.advance(2)
        await expect(tick(clock)).rejects.toThrow(AggregateError)
        expect(desk.orders.unfinished()).toMatchObject([{ kind: 'undo', reserved: 200 }])
      }
      return call()
    })
    expect(statusOf(await late.place(placing('k', { holdSeconds: 1 })))).toBe('order.expired_while_reserving')
    expect(await balanced(desk)).toEqual([])
  })

  test('it is placed by the same request and cancelled: the first one wakes up and changes nothing', async () => {
    await betweenAllCalls(async (nth) => {
      const desk = stocked()
      const paused = pausedAt(nth, async () => {
        await settling.cancelled(desk, idOf(await desk.place(placing('k'))))
        // Units are there again that an awakened step could take.
      })
      const { outcome } = await desk.through(paused.around).place(placing('k'))
      expect(outcome).toMatchObject({ value: { status: 'placed' } })
      expect(await balanced(desk), `call ${nth}`).toEqual([paused.wasPaused() ? 'cancelled' : 'placed'])
      return paused.wasPaused()
    })
  })
})

test('in any interleaving of long orders that want the same last units one gets all of them, whichever line each names first', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), async (scheduler) => {
      const desk = stocked()
      const turned: AroundCall = async (call) => {
        await scheduler.schedule(Promise.resolve())
        const result = await call()
        await scheduler.schedule(Promise.resolve())
        return result
      }
      const buyers = desk.through(turned)
      const answers = await scheduler.waitFor(
        Promise.all([
          buyers.place(placing('a')),
          buyers.place(placing('a')),
          buyers.place(placing('b', { of: skus.toReversed() })),
          buyers.place(placing('c', { of: skus.toSorted() })),
        ]),
      )
      const [one, same, ...others] = answers.map(statusOf)
      expect(same).toBe(one)
      expect([one, ...others].sort()).toEqual([
        'order.insufficient_stock',
        'order.insufficient_stock',
        'placed',
      ])
      expect(await balanced(desk)).toEqual(['placed'])
    }),
    { numRuns: 60 },
  )
}, 60_000)

test('in any interleaving of everything that can happen to a long order the books balance in the end', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.boolean(), async (scheduler, late) => {
      const desk = stocked()
      const turned: AroundCall = async (call) => {
        await scheduler.schedule(Promise.resolve())
        return call()
      }
      const all = desk.through(turned)
      const id = OrderId.parse(`ord_${'1'.padStart(26, '0')}`)
      const hold = { holdSeconds: late ? 1 : 900 }
      const [first, second] = await scheduler.waitFor(
        Promise.all([
          all.place(placing('a', hold)),
          all.place(placing('a', hold)),
          settling.cancelled(all, id),
          settling.paid(all, id),
          (async () => {
            await scheduler.schedule(Promise.resolve())
            desk.clock.advance(2)
            await tick(all)
          })(),
        ]),
      )
      expect(first.outcome).toEqual(second.outcome)
      desk.clock.advance(1_000)
      await tick(desk)
      await balanced(desk)
    }),
    { numRuns: 100 },
  )
}, 60_000)

describe('when the store is too busy for a step', () => {
  const busyAt = (kind: string, desk: Desk) => {
    let busy = true
    const around: AroundCall = async (call, name) => {
      if (busy && name === 'moveStock' && desk.orders.unfinished().some((each) => each.kind === kind))
        throw new Busy('The store')
      return call()
    }
    return { ...desk.through(around), relax: () => (busy = false) }
  }

  test('of placing, the request is told to come again, and goes on then', async () => {
    const desk = stocked()
    const busy = busyAt('reserve', desk)
    await expect(busy.place(placing('k'))).rejects.toThrow(Busy)
    const [begun] = desk.orders.unfinished()
    if (begun === undefined) throw new Error('nothing begun')
    // Whether there is an order to pay or cancel is not known yet: no refusal that would be kept.
    await expect(settling.paid(busy, begun.id)).rejects.toThrow(Busy)
    busy.relax()
    expect(statusOf(await busy.place(placing('k')))).toBe('placed')
    expect(statusOf(await settling.paid(busy, begun.id))).toBe('paid')
    expect(await balanced(desk)).toEqual(['paid'])
  })

  test.each([
    ['sell', 'paid'],
    ['release', 'cancelled'],
  ] as const)('to %s, the answer stands and the clock goes on', async (kind, status) => {
    const desk = stocked()
    const busy = busyAt(kind, desk)
    const id = idOf(await busy.place(placing('k')))
    expect(statusOf(await settling[status](busy, id))).toBe(status)
    desk.clock.advance(61)
    await expect(tick(busy)).rejects.toMatchObject({ errors: [expect.any(Busy)] })
    busy.relax()
    await tick(busy)
    expect(await balanced(desk)).toEqual([status])
  })

  test('and to undo, the refusal stands and the clock goes on', async () => {
    const desk = stocked()
    const busy = busyAt('undo', desk)
    const racing = desk.through(async (call, name) => {
      if (name === 'begin') await desk.place(placing('other', { of: [lastSku], quantity: 1 }))
      if (name === 'moveStock' && desk.orders.unfinished().some(({ kind }) => kind === 'undo'))
        throw new Busy('The store')
      return call()
    })
    expect(statusOf(await racing.place(placing('k')))).toBe('order.insufficient_stock')
    expect(desk.orders.unfinished()).toMatchObject([{ kind: 'undo', reserved: 196 }])
    busy.relax()
    desk.clock.advance(61)
    await tick(busy)
    expect(await balanced(desk)).toEqual(['placed'])
  })
})

describe('when time runs out', () => {
  const slow = (desk: Desk, seconds: number) =>
    desk.through(async (call, name) => {
      if (name === 'moveStock') desk.clock.advance(seconds)
      return call()
    })

  test('a request that places ends before its function does, and the next goes on', async () => {
    const desk = stocked()
    await expect(slow(desk, 12).place(placing('k'))).rejects.toThrow(Busy)
    expect(desk.orders.unfinished()).toMatchObject([{ kind: 'reserve', reserved: 98 }])
    expect(statusOf(await slow(desk, 5).place(placing('k')))).toBe('placed')
    expect(await balanced(desk)).toEqual(['placed'])
  })

  test('the clock leaves the rest to its next tick, and that is no failure', async () => {
    const desk = stocked()
    await desk.place(placing('k'))
    desk.clock.advance(901)
    const deadline = new Date(desk.clock.now().getTime() + 10_000)
    expect(await slow(desk, 10).expire({ cause, deadline })).toBe(1)
    expect(desk.orders.unfinished()).toMatchObject([{ kind: 'release', reserved: 102 }])
    desk.clock.advance(61)
    expect(await tick(desk)).toBe(0)
    expect(await balanced(desk)).toEqual(['expired'])
  })
})

test('stock that an order has reserved and that is not there is a bug and fails loudly', async () => {
  const desk = stocked()
  const id = idOf(await desk.place(placing('k')))
  desk.products.move(shop, [{ kind: 'sell', sku: Sku.parse(lastSku), quantity: units }])
  await expect(settling.paid(desk, id)).rejects.toThrow(`${id}: ${lastSku} refused to sell`)
})
