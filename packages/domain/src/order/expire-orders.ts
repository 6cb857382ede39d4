import { Busy } from '../busy.ts'
import type { Cause } from '../cause.ts'
import type { EventSource } from '../events/event.ts'
import type { OrderId } from '../ids.ts'
import type { MerchantId } from '../merchant-id.ts'
import { decideExpiry } from './decide-expiry.ts'
import { finishStock } from './finish-stock.ts'
import { isLong } from './long-order.ts'
import { orderChange } from './order-change.ts'
import type { OrderRepository } from './order-repository.ts'

export interface ExpireOrders {
  readonly cause: Cause
  /** No order is begun after it. */
  readonly deadline: Date
}

const workers = 8

/**
 * Ends placed orders whose hold is over, and finishes what requests have left half done of long orders, until nothing is due or the deadline has come;
 * the next tick goes on. Returns how many orders it ended.
 * @throws AggregateError when some could not be ended; the others were.
 */
export const makeExpireOrders =
  ({ orders, ids, clock }: EventSource & { readonly orders: OrderRepository }) =>
  async ({ cause, deadline }: ExpireOrders): Promise<number> => {
    const failures: unknown[] = []
    let expired = 0

    const expire = async ({ merchant, id }: { readonly merchant: MerchantId; readonly id: OrderId }) => {
      const order = await orders.find(merchant, id)
      const ended = order && decideExpiry(order, clock.now())
      if (ended !== undefined) {
        const commit = await orders.commit(orderChange({ ids, clock }, cause, ended))
        if (commit.outcome === 'committed') expired += 1
        // Paid or cancelled meanwhile: somebody else settled it, which is as good.
        else if (commit.outcome !== 'version_moved') throw new Error(`${id}: ${commit.outcome}`)
        if (!isLong(ended)) return
      }
      // What is left to do for a long order: the stock of one that was settled, now or before, or a reservation that its request abandoned.
      if (!(await finishStock({ orders, ids, clock }, { merchant, id, until: deadline })))
        throw new Busy('The stock')
    }

    const due = orders.due(clock.now())[Symbol.asyncIterator]()
    const work = async () => {
      while (clock.now() < deadline) {
        const { done, value } = await due.next()
        if (done) return
        await expire(value).catch((error: unknown) => {
          // Out of time is no failure: it stays due.
          if (!(error instanceof Busy) || clock.now() < deadline) failures.push(error)
        })
      }
    }
    for (const worker of await Promise.allSettled(Array.from({ length: workers }, work)))
      if (worker.status === 'rejected') failures.push(worker.reason)

    if (failures.length > 0)
      // The first one again as the cause: loggers write causes, and none of them the errors of an aggregate.
      throw new AggregateError(failures, `${failures.length} failures while expiring orders`, {
        cause: failures[0],
      })
    return expired
  }
