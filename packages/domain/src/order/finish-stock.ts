import { Busy } from '../busy.ts'
import type { EventSource } from '../events/event.ts'
import type { OrderId } from '../ids.ts'
import type { MerchantId } from '../merchant-id.ts'
import { accepted, refused } from '../refusal.ts'
import { insufficientStock } from './decide-placement.ts'
import { inOrderOfSkus, nextReserved, type StockProgress } from './long-order.ts'
import type { Order } from './order.ts'
import { abandonedAfterMilliseconds, orderChange } from './order-change.ts'
import type { OrderRepository, StockStep } from './order-repository.ts'
import type { Reservation } from './reservation.ts'

export interface FinishStockDependencies extends EventSource {
  readonly orders: OrderRepository
}

export interface FinishStock {
  readonly merchant: MerchantId
  readonly id: OrderId
  /** No step is begun after it. */
  readonly until: Date
}

/** Where a long order stands after a step: its progress, `undefined` when its stock is at rest. `overtaken` has to read it. */
type After = StockProgress | undefined | 'overtaken'

/**
 * Goes on with the stock of a long order from wherever it stands, whoever began it: reserves the rest and places the order, or refuses it and
 * gives back what was taken, or sells or releases what a settled order had reserved. Each step is a transaction on the condition that nobody took it
 * before, so any number may do this at once and any of them may die. Returns whether the stock is at rest; if not, its order and its answer
 * stand all the same, and the clock comes to the rest.
 * @throws Busy when time or contention ended it before the order was placed or refused.
 */
export const finishStock = async (
  dependencies: FinishStockDependencies,
  { merchant, id, until }: FinishStock,
): Promise<boolean> => {
  const { orders, clock } = dependencies
  let reservation: Reservation | undefined
  let settled: Order | undefined

  // What is not there has been removed since the progress was read.
  const goOn = async (progress: StockProgress): Promise<After> => {
    if (clock.now() >= until) throw new Busy('The stock')
    switch (progress.kind) {
      case 'reserve':
        reservation ??= await orders.findReservation(merchant, id)
        return reservation === undefined ? 'overtaken' : reserveOn(dependencies, reservation, progress)
      case 'undo':
        reservation ??= await orders.findReservation(merchant, id)
        return reservation === undefined ? 'overtaken' : giveOn(orders, reservation.order, progress)
      case 'sell':
      case 'release':
        settled ??= await orders.find(merchant, id)
        return settled === undefined ? 'overtaken' : giveOn(orders, settled, progress)
      default:
        return progress.kind satisfies never
    }
  }

  let progress = await orders.findProgress(merchant, id)
  while (progress !== undefined) {
    const { kind } = progress
    try {
      const after = await goOn(progress)
      progress = after === 'overtaken' ? await orders.findProgress(merchant, id) : after
    } catch (error) {
      if (error instanceof Busy && kind !== 'reserve') return false
      throw error
    }
  }
  return true
}

const stepOf = ({ merchant, id, lines }: Order, from: StockProgress): StockStep => {
  const to = { kind: from.kind, reserved: nextReserved(from, lines.length) }
  const [first, end] = [from.reserved, to.reserved].toSorted((a, b) => a - b)
  const kind = from.kind === 'undo' ? 'release' : from.kind
  const stock = inOrderOfSkus(lines)
    .slice(first, end)
    .map(({ sku, quantity }) => ({ kind, sku, quantity }))
  return { merchant, id, from, to, stock }
}

const reserveOn = async (
  { orders, ids, clock }: FinishStockDependencies,
  { order, pointers, request, cause }: Reservation,
  progress: StockProgress,
): Promise<After> => {
  const now = clock.now()
  const { reserved } = progress
  const refuse = async (outcome: ReturnType<typeof refused>): Promise<After> => {
    const dueAt = new Date(now.getTime() + abandonedAfterMilliseconds)
    const end = await orders.refuse({ id: order.id, reserved, answer: { request, outcome }, dueAt })
    if (end === 'overtaken') return end
    return reserved === 0 ? undefined : { kind: 'undo', reserved }
  }

  if (now >= new Date(order.expiresAt))
    return refuse(
      refused(
        'order.expired_while_reserving',
        `The hold ended at ${order.expiresAt}, before all of the stock was reserved. Nothing was ordered: send it again under a new key`,
      ),
    )
  if (reserved === order.lines.length) {
    const answer = { request, outcome: accepted(order) }
    const placed = await orders.place({ ...orderChange({ ids, clock }, cause, order), answer })
    return placed === 'placed' ? undefined : placed
  }
  const step = stepOf(order, progress)
  const moved = await orders.moveStock(step)
  if (moved.outcome === 'overtaken') return 'overtaken'
  if (moved.outcome === 'moved') return step.to
  return refuse(
    insufficientStock(
      order.lines.flatMap(({ sku, quantity }, index) => {
        const available = moved.available.get(sku)
        return available === undefined
          ? []
          : [{ sku, quantity, available, pointer: pointers[index] ?? `#/lines/${index}` }]
      }),
    ),
  )
}

const giveOn = async (orders: OrderRepository, order: Order, progress: StockProgress): Promise<After> => {
  const step = stepOf(order, progress)
  const moved = await orders.moveStock(step)
  if (moved.outcome === 'overtaken') return 'overtaken'
  // What an order has reserved can be taken by nobody else: this is a bug, and no contention.
  if (moved.outcome === 'stock_refused')
    throw new Error(`${order.id}: ${[...moved.available.keys()].join(', ')} refused to ${progress.kind}`)
  return step.to.reserved === 0 ? undefined : step.to
}
