/** One function's share of the account's concurrency: invocations in progress, their initialisation included. */
export interface FunctionConcurrency {
  /** Takes a slot and returns what gives it back, or undefined when the invocation must be throttled. */
  tryEnter(): (() => void) | undefined
}

export interface AccountConcurrency {
  /** Reserves a part of the account for one function, or lets it share what is not reserved. */
  share(reserved?: number): FunctionConcurrency
}

/** Invocations that an account may have in progress at once. On AWS 1,000, or 10 in a new account. */
export const accountConcurrency = (limit: number): AccountConcurrency => {
  let reservedTotal = 0
  const unreserved = { inProgress: 0 }

  const slotsOf = (pool: { inProgress: number }, poolLimit: () => number): FunctionConcurrency => ({
    tryEnter: () => {
      if (pool.inProgress >= poolLimit()) return undefined
      pool.inProgress += 1
      return () => {
        pool.inProgress -= 1
      }
    },
  })

  return {
    share: (reserved) => {
      if (reserved === undefined) return slotsOf(unreserved, () => limit - reservedTotal)
      if (reservedTotal + reserved > limit) {
        throw new Error(
          `reserved concurrency of ${reservedTotal + reserved} exceeds the account's limit of ${limit}`,
        )
      }
      reservedTotal += reserved
      return slotsOf({ inProgress: 0 }, () => reserved)
    },
  }
}
