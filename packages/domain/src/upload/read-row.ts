import { parseMinorUnits } from '../parse-minor-units.ts'
import { Quantity, Sku } from '../sku.ts'
import type { Reject } from './reject.ts'
import { uploadLimits } from './upload-limits.ts'
import type { DeliveryColumns } from './upload-plan.ts'

/** A row that can raise stock; the price in minor units. */
export interface DeliveryRow {
  readonly line: number
  readonly sku: Sku
  readonly name: string
  readonly quantity: number
  readonly amount: number
}

/** Reads one row; at the first column that is wrong, in the order sku, name, quantity, unit_price, it is a reject. */
export const readRow = (
  fields: readonly string[] | undefined,
  { line, columns, exponent }: { line: number; columns: DeliveryColumns; exponent: number },
): DeliveryRow | Reject => {
  if (fields === undefined) return { line, column: '', value: '', reason: 'text follows a closing quote' }
  if (fields.length !== columns.count)
    return {
      line,
      column: '',
      value: '',
      reason: `has ${fields.length} fields, the header has ${columns.count}`,
    }
  const field = (index: number) => (fields[index] ?? '').trim()

  const sku = Sku.safeParse(field(columns.sku))
  if (!sku.success)
    return {
      line,
      column: 'sku',
      value: field(columns.sku),
      reason: 'must be 1 to 64 of A-Z a-z 0-9 . _ / -, a letter or digit first',
    }

  const name = field(columns.name)
  if (name === '' || name.length > uploadLimits.nameCharacters)
    return {
      line,
      column: 'name',
      value: name,
      reason: `must have 1 to ${uploadLimits.nameCharacters} characters`,
    }

  const quantityText = field(columns.quantity)
  const quantity = Quantity.safeParse(/^\d{1,7}$/.test(quantityText) ? Number(quantityText) : undefined)
  if (!quantity.success)
    return {
      line,
      column: 'quantity',
      value: quantityText,
      reason: 'must be a whole number from 1 to 1000000',
    }

  const price = field(columns.unitPrice)
  const amount = parseMinorUnits(price, exponent)
  if (amount === undefined)
    return {
      line,
      column: 'unit_price',
      value: price,
      reason: `must be a number like ${exponent === 0 ? '12' : `12.${'5'.padEnd(exponent, '0')}`}, not negative, at most 15 digits`,
    }

  return { line, sku: sku.data, name, quantity: quantity.data, amount }
}
