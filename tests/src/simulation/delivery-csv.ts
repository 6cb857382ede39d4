import type { DeliveryFile, DeliveryRow } from './command.ts'

/** The merchant's word for the sku of an index. */
export const skuOf = (index: number): string => `sku-${index}`

const header = 'sku,name,quantity,unit_price\n'
/** A price per sku that no delivery changes, so that a total can be computed from outside. */
export const priceOf = (index: number): number => 250 + 50 * index

const rowOf = ({ sku, quantity, wrong }: DeliveryRow): string =>
  `${skuOf(sku)},Article ${sku},${wrong ? 'many' : quantity},${(priceOf(sku) / 100).toFixed(2)}\n`

/** The bytes of a file and what an honest import of them comes to. */
export const deliveryCsv = ({ rows, fault }: DeliveryFile) => {
  const text = header + rows.map(rowOf).join('')
  const units = new Map<string, number>()
  for (const { sku, quantity, wrong } of rows)
    if (!wrong) units.set(skuOf(sku), (units.get(skuOf(sku)) ?? 0) + quantity)
  return {
    bytes: bytesOf(text, fault),
    units: fault === 'none' ? units : undefined,
    rowsWrong: rows.filter(({ wrong }) => wrong).length,
  }
}

const bytesOf = (text: string, fault: DeliveryFile['fault']): Uint8Array => {
  switch (fault) {
    case 'none':
      return Buffer.from(text)
    case 'not_utf8':
      return Buffer.concat([Buffer.from(text), Buffer.from([0xe4, 0xff, 0x0a])])
    case 'no_header':
      return Buffer.from(text.slice(header.length))
    case 'empty':
      return new Uint8Array()
    default:
      return fault satisfies never
  }
}
