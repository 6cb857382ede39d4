import type { makeExpireOrders } from '@stockroom/domain/order/expire-orders'
import { count } from '@stockroom/lambda/metrics'
import { scheduleFunction } from '@stockroom/lambda/schedule-function'

/**
 * Trigger: every minute. Ends orders whose hold is over, and finishes long orders that a request left half done; what fails stays due for the next run, and the invocation fails, so that its error is counted.
 * `deadline` is that of the running invocation.
 */
export const expireOrdersFunction = (
  expireOrders: ReturnType<typeof makeExpireOrders>,
  deadline: () => Date,
) =>
  scheduleFunction(async (_scheduledAt, cause) => {
    count('OrderExpired', await expireOrders({ cause, deadline: deadline() }))
  })
