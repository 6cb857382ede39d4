import fc from 'fast-check'

/** One row of a delivery file. `wrong` spoils its quantity, so that it becomes a reject. */
export interface DeliveryRow {
  readonly sku: number
  readonly quantity: number
  readonly wrong: boolean
}

/** A file of rows, or one that cannot be imported at all. */
export interface DeliveryFile {
  readonly rows: readonly DeliveryRow[]
  readonly fault: 'none' | 'not_utf8' | 'no_header' | 'empty'
}

/** A sku is an index into the merchant's few; one beyond them is unknown to everybody. */
export interface OrderedLine {
  readonly sku: number
  readonly quantity: number
}

/**
 * Whether a receiver takes webhooks. `failing` answers 500 to the first attempt of each event; `slow` takes seconds, in virtual time to fail the first
 * attempt as well, as a server does that is overloaded; `gone` answers 410, which disables its endpoint.
 */
export type Mood = 'well' | 'failing' | 'slow' | 'gone'

export type Job = 'expire-orders' | 'sweep-outbox' | 'report-sales'

/**
 * One thing that somebody does to the shop. What it refers to is an index, from the newest, modulo the number of such things that exist by then, so that any
 * sublist of a list of commands is a valid list: shrinking needs that. A command without anything to refer to does nothing.
 */
export type Command =
  | { readonly kind: 'deliver'; readonly merchant: number; readonly file: DeliveryFile }
  /** The form of an earlier upload is used again, with the same file or with another one. */
  | { readonly kind: 'deliver_again'; readonly upload: number; readonly file: DeliveryFile | 'same' }
  | {
      readonly kind: 'place'
      readonly merchant: number
      readonly lines: readonly OrderedLine[]
      readonly holdSeconds: number
    }
  /** A delivery of all skus that long orders are made of, and such an order: of more skus than one transaction takes. */
  | { readonly kind: 'deliver_wide'; readonly merchant: number }
  | {
      readonly kind: 'place_long'
      readonly merchant: number
      readonly skus: number
      readonly holdSeconds: number
    }
  | { readonly kind: 'repeat'; readonly request: number; readonly body: 'same' | 'other' }
  | { readonly kind: 'pay'; readonly order: number; readonly amount: 'right' | 'wrong' }
  | { readonly kind: 'cancel'; readonly order: number }
  | { readonly kind: 'read'; readonly order: number; readonly as: 'owner' | 'stranger' }
  | {
      readonly kind: 'list'
      readonly merchant: number
      readonly what: 'orders' | 'products' | 'webhook-endpoints'
    }
  /** Without types: all of them. */
  | { readonly kind: 'subscribe'; readonly merchant: number; readonly types: 'all' | 'orders' }
  | { readonly kind: 'unsubscribe'; readonly endpoint: number }
  | { readonly kind: 'replay'; readonly endpoint: number; readonly delivery: number }
  | { readonly kind: 'receiver'; readonly endpoint: number; readonly mood: Mood }
  | { readonly kind: 'wait'; readonly seconds: number }
  | { readonly kind: 'tick'; readonly job: Job }
  /** The mapping of the outbox's stream is disabled for so many hours. */
  | { readonly kind: 'pause_stream'; readonly hours: number }
  /** All execution environments are replaced, as by a deployment; what runs is cut off. */
  | { readonly kind: 'restart' }

/** What differs between tiers: hours cost nothing in virtual time and everything in real time. */
export interface Scale {
  readonly merchants: number
  /** Of each merchant; few, so that orders meet. */
  readonly skus: number
  readonly longestWaitSeconds: number
  readonly longestHoldSeconds: number
  /** How long the stream's mapping may stand still, if at all. */
  readonly pausesHours: readonly number[]
  /** Moods that receivers of this tier can be in. */
  readonly moods: readonly [Mood, ...Mood[]]
  /** Scheduled jobs that tick in this tier. */
  readonly jobs: readonly [Job, ...Job[]]
}

export const virtualScale: Scale = {
  merchants: 3,
  skus: 4,
  longestWaitSeconds: 1_200,
  longestHoldSeconds: 900,
  // Mostly a minute or so; the stream keeps its records for 24 hours.
  pausesHours: [...Array.from({ length: 12 }, () => 0.02), 1, 25],
  moods: ['well', 'failing', 'slow', 'gone'],
  jobs: ['expire-orders', 'sweep-outbox', 'report-sales'],
}

export const realScale: Scale = {
  merchants: 3,
  skus: 4,
  longestWaitSeconds: 1,
  longestHoldSeconds: 4,
  pausesHours: [],
  moods: ['well', 'failing', 'slow'],
  // A report's run that died holds its record for 170 s, real ones here.
  jobs: ['expire-orders', 'sweep-outbox'],
}

/** Skus of a wide delivery; an order of more than 97 is a long one. */
export const wideSkus = 104

const weighted = <T>(...choices: readonly (readonly [weight: number, arbitrary: fc.Arbitrary<T>])[]) =>
  fc.oneof(...choices.map(([weight, arbitrary]) => ({ weight, arbitrary })))

/** Mostly one of the newest. */
const anything = weighted([3, fc.nat({ max: 2 })], [2, fc.nat({ max: 9_999 })])

const fileOf = ({ skus }: Scale): fc.Arbitrary<DeliveryFile> =>
  fc.record({
    rows: fc.array(
      fc.record({
        sku: fc.nat({ max: skus - 1 }),
        quantity: fc.integer({ min: 1, max: 8 }),
        wrong: weighted<boolean>([9, fc.constant(false)], [1, fc.constant(true)]),
      }),
      { minLength: 1, maxLength: 7 },
    ),
    fault: weighted<DeliveryFile['fault']>(
      [17, fc.constant('none')],
      [1, fc.constantFrom('not_utf8', 'no_header', 'empty')],
    ),
  })

const kindOf = <K extends Command['kind']>(kind: K) => fc.constant(kind)

/** Commands in the proportions of a shop that is busy, short of stock and now and then attacked. */
export const arbitraryCommand = (scale: Scale): fc.Arbitrary<Command> => {
  const merchant = fc.nat({ max: scale.merchants - 1 })
  const file = fileOf(scale)
  return weighted<Command>(
    [
      12,
      // A wide one is a hundred events for each endpoint: one in most runs is enough.
      weighted<Command>(
        [40, fc.record({ kind: kindOf('deliver'), merchant, file })],
        [1, fc.record({ kind: kindOf('deliver_wide'), merchant })],
      ),
    ],
    [
      2,
      fc.record({
        kind: kindOf('deliver_again'),
        upload: anything,
        file: fc.oneof(fc.constant('same' as const), file),
      }),
    ],
    [
      28,
      fc.record({
        kind: kindOf('place'),
        merchant,
        lines: fc.array(
          fc.record({
            // The first sku is the hot one; one beyond the last is in no shop.
            sku: weighted([10, fc.constant(0)], [10, fc.nat({ max: scale.skus - 1 })], [1, fc.constant(99)]),
            quantity: fc.integer({ min: 1, max: 4 }),
          }),
          { minLength: 1, maxLength: 4 },
        ),
        holdSeconds: fc.integer({ min: 1, max: scale.longestHoldSeconds }),
      }),
    ],
    [
      2,
      fc.record({
        kind: kindOf('place_long'),
        merchant,
        skus: fc.integer({ min: 98, max: wideSkus }),
        holdSeconds: fc.integer({ min: 1, max: scale.longestHoldSeconds }),
      }),
    ],
    [
      8,
      fc.record({
        kind: kindOf('repeat'),
        request: anything,
        body: weighted<'same' | 'other'>([4, fc.constant('same')], [1, fc.constant('other')]),
      }),
    ],
    [
      14,
      fc.record({
        kind: kindOf('pay'),
        order: anything,
        amount: weighted<'right' | 'wrong'>([7, fc.constant('right')], [1, fc.constant('wrong')]),
      }),
    ],
    [7, fc.record({ kind: kindOf('cancel'), order: anything })],
    [
      4,
      fc.record({
        kind: kindOf('read'),
        order: anything,
        as: fc.constantFrom<('owner' | 'stranger')[]>('owner', 'stranger'),
      }),
    ],
    [
      3,
      fc.record({
        kind: kindOf('list'),
        merchant,
        what: fc.constantFrom<('orders' | 'products' | 'webhook-endpoints')[]>(
          'orders',
          'products',
          'webhook-endpoints',
        ),
      }),
    ],
    [
      4,
      fc.record({
        kind: kindOf('subscribe'),
        merchant,
        types: fc.constantFrom<('all' | 'orders')[]>('all', 'orders'),
      }),
    ],
    [1, fc.record({ kind: kindOf('unsubscribe'), endpoint: anything })],
    [3, fc.record({ kind: kindOf('replay'), endpoint: anything, delivery: anything })],
    [
      4,
      fc.record({
        kind: kindOf('receiver'),
        endpoint: anything,
        mood: fc.constantFrom<Mood[]>(...scale.moods),
      }),
    ],
    [
      5,
      fc.record({
        kind: kindOf('wait'),
        seconds: weighted(
          [3, fc.integer({ min: 1, max: Math.min(30, scale.longestWaitSeconds) })],
          [1, fc.integer({ min: 1, max: scale.longestWaitSeconds })],
        ),
      }),
    ],
    [
      3,
      fc.record({
        kind: kindOf('tick'),
        job: fc.constantFrom<Job[]>(...scale.jobs),
      }),
    ],
    [1, fc.record({ kind: kindOf('restart') })],
    ...(scale.pausesHours.length === 0
      ? []
      : [
          [
            1,
            fc.record({ kind: kindOf('pause_stream'), hours: fc.constantFrom(...scale.pausesHours) }),
          ] as const,
        ]),
  )
}

/** Lists of up to `length` commands: what a failing list shrinks within. */
export const arbitraryCommands = (scale: Scale, length: number): fc.Arbitrary<Command[]> =>
  fc.array(arbitraryCommand(scale), { maxLength: length })

/** The list of exactly `length` commands that belongs to `seed`. */
export const commandsOf = (scale: Scale, length: number, seed: number): readonly Command[] =>
  fc.sample(fc.array(arbitraryCommand(scale), { minLength: length, maxLength: length }), {
    seed,
    numRuns: 1,
  })[0] ?? []
