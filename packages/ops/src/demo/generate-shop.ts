import { type Random, seededRandom } from './random.ts'

/** A delivery file and what an honest import must make of it. */
export interface GeneratedDelivery {
  readonly filename: string
  readonly csv: string
  readonly rowsAccepted: number
  readonly rowsRejected: number
}

export interface GeneratedOrder {
  readonly lines: readonly { readonly sku: string; readonly quantity: number }[]
  /** What the shopper does once the order is placed. */
  readonly intent: 'pay' | 'cancel' | 'forget'
  /** The shop sends the same request again, as after a lost answer. */
  readonly repeated: boolean
}

/** More buyers at once than there are units: exactly `units` of them may get one. */
export interface GeneratedRush {
  readonly sku: string
  readonly units: number
  readonly buyers: number
}

export interface GeneratedMerchant {
  readonly rush: GeneratedRush
  readonly merchant: string
  readonly currency: string
  readonly deliveries: readonly GeneratedDelivery[]
  readonly orders: readonly GeneratedOrder[]
}

const materials = ['Oak', 'Linen', 'Copper', 'Glass', 'Wool', 'Bamboo', 'Clay', 'Felt'] as const
const things = ['Lantern', 'Basket', 'Mug', 'Cushion', 'Clock', 'Tray', 'Vase', 'Stool', 'Coaster'] as const
const sizes = ['small', 'large', '12" "classic"', 'set of 4, boxed', 'with\nlid'] as const

/**
 * Two merchants with their deliveries and shoppers, all from `seed`. About one row in thirty of a delivery is bad in one of the ways that real
 * files are; a few skus are scarce, so that some orders must be refused. `orders` counts the orders of each merchant.
 */
export const generateShop = (seed: number, orders = 150): readonly [GeneratedMerchant, GeneratedMerchant] => {
  const random = seededRandom(seed)
  return [generateMerchant(random, 'acme', 'EUR', orders), generateMerchant(random, 'globex', 'GBP', orders)]
}

const generateMerchant = (
  random: Random,
  merchant: string,
  currency: string,
  orders: number,
): GeneratedMerchant => {
  const prefix = merchant.slice(0, 2).toUpperCase()
  const rush = { sku: `${prefix}-RUSH`, units: 7, buyers: 20 }
  const skus = Array.from({ length: 80 }, (_, n) => `${prefix}-${String(1_000 + n)}`)
  return {
    merchant,
    currency,
    rush,
    deliveries: [
      generateDelivery(random, `${merchant}-delivery-1.csv`, skus, [
        csvRow([rush.sku, nameOf(random), String(rush.units), priceOf(random)]),
      ]),
      generateDelivery(random, `${merchant}-delivery-2.csv`, skus, []),
    ],
    orders: Array.from({ length: orders }, () => generateOrder(random, skus)),
  }
}

const generateDelivery = (
  random: Random,
  filename: string,
  skus: readonly string[],
  extra: readonly string[],
): GeneratedDelivery => {
  let rowsRejected = 0
  const generated = skus.flatMap((sku, n) =>
    Array.from({ length: random.integer(1, 3) }, () => {
      const good = [sku, nameOf(random), String(quantityOf(random, n)), priceOf(random)]
      if (!random.chance(0.03)) return csvRow(good)
      rowsRejected += 1
      return csvRow(spoil(random, good))
    }),
  )
  const rows = [...extra, ...generated]
  return {
    filename,
    csv: `${['sku,name,quantity,unit_price', ...rows].join('\r\n')}\r\n`,
    rowsAccepted: rows.length - rowsRejected,
    rowsRejected,
  }
}

const nameOf = (random: Random): string =>
  `${random.pick(materials)} ${random.pick(things)}, ${random.pick(sizes)}`
/** Every sixteenth sku is scarce. */
const quantityOf = (random: Random, n: number): number =>
  n % 16 === 0 ? random.integer(1, 4) : random.integer(40, 400)
const priceOf = (random: Random): string =>
  `${random.integer(1, 89)}.${String(random.integer(0, 99)).padStart(2, '0')}`

const spoil = (
  random: Random,
  [sku = '', name = '', quantity = '', price = '']: readonly string[],
): string[] =>
  random.pick([
    [sku, name, '0', price],
    [sku, name, `-${quantity}`, price],
    [sku, name, '1.5', price],
    [sku, name, 'a dozen', price],
    [sku, name, quantity, '-1.00'],
    [sku, name, quantity, '9.999'],
    [sku, name, quantity, ''],
    ['', name, quantity, price],
    ['spaces in sku', name, quantity, price],
  ])

const csvRow = (fields: readonly string[]): string =>
  fields.map((field) => (/[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)).join(',')

const generateOrder = (random: Random, skus: readonly string[]): GeneratedOrder => {
  const [first, ...rest] = skus
  if (first === undefined) throw new RangeError('a shop needs products')
  const lines = Array.from({ length: random.integer(1, 6) }, () => ({
    sku: random.pick([first, ...rest]),
    quantity: random.integer(1, 3),
  }))
  const dice = random.integer(1, 10)
  return { lines, intent: dice <= 6 ? 'pay' : dice <= 8 ? 'cancel' : 'forget', repeated: random.chance(0.1) }
}
