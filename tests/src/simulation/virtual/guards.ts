/** A guard of the application that can be taken away, to see that the simulation notices. */
export interface Guard {
  readonly name: string
  /** From the root of the repository. */
  readonly file: string
  /** Stands in `file` exactly once. */
  readonly before: string
  readonly after: string
}

const domain = 'packages/domain/src'

/** One for each kind of promise; what else there is to take away stands in tests/src/mutants, each with the test that notices. */
export const guards: readonly Guard[] = [
  {
    name: 'fan-out does not wait for what is missing',
    file: `${domain}/webhook/fan-out-event.ts`,
    before: 'if (sequence > last + 1)',
    after: 'if (sequence < 0)',
  },
  {
    name: 'stock is reserved whether it is there or not',
    file: `${domain}/product/move-stock.ts`,
    before: 'product.available < quantity',
    after: 'quantity < 0',
  },
  {
    name: 'the relay does not look at what failed',
    file: 'packages/outbox/src/relay.ts',
    before: 'lane.failure = failed.get(step.event.id)',
    after: 'lane.failure = undefined',
  },
  {
    name: 'a sender that overslept writes over a newer one',
    file: `${domain}/webhook/in-memory-webhook-delivery-repository.ts`,
    before: 'if (stored?.revision !== delivery.revision - 1)',
    after: 'if (stored === undefined)',
  },
  {
    name: 'the part of a chunk has no marker',
    file: `${domain}/upload/in-memory-upload-repository.ts`,
    before: 'if (earlier !== undefined) return',
    after: 'if (earlier !== undefined && part < 0) return',
  },
  {
    name: 'an order does not look for its answer',
    file: `${domain}/order/in-memory-order-repository.ts`,
    before: 'if (answer !== undefined && this.#answers.has(answer.request)) return',
    after: 'if (answer !== undefined && order.version < 0) return',
  },
  {
    name: 'an order does not look at its version',
    file: `${domain}/order/in-memory-order-repository.ts`,
    before: 'if ((this.#orders.get(key)?.version ?? 0) !== order.version - 1)',
    after: 'if (order.version < 0)',
  },
  {
    name: 'the sweep finds nothing',
    file: 'packages/outbox/src/sweep.ts',
    before: 'store.pending(new Date(start - olderThanSeconds * 1_000))',
    after: 'store.pending(new Date(0))',
  },
  {
    name: 'another body is answered as the first',
    file: `${domain}/idempotency/answer-once.ts`,
    before: 'if (fingerprint !== request.fingerprint)',
    after: 'if (fingerprint === request.key)',
  },
  {
    name: 'fan-out does not drop what was fanned out',
    file: `${domain}/webhook/fan-out-event.ts`,
    before: 'if (sequence <= last)',
    after: 'if (sequence < 0)',
  },
]
