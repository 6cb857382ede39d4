import { splitFields } from '../csv/split-fields.ts'
import type { DeliveryColumns } from './upload-plan.ts'
import type { UploadProblem } from './upload-problem.ts'

const required = { sku: 'sku', name: 'name', quantity: 'quantity', unitPrice: 'unit_price' } as const

/**
 * Finds the four columns, in any order, by name without regard to case or surrounding blanks. Further columns are ignored:
 * suppliers export more than we ask for, and no column is optional that a typing error could hide.
 */
export const readHeader = (record: string): DeliveryColumns | UploadProblem => {
  const names = splitFields(record)?.map((name) => name.trim().toLowerCase())
  if (names === undefined)
    return { code: 'header.unreadable', reason: 'In the header, text follows a closing quote' }
  for (const column of Object.values(required)) {
    if (!names.includes(column))
      return { code: 'header.column_missing', reason: `The header has no column ${column}` }
    if (names.indexOf(column) !== names.lastIndexOf(column))
      return { code: 'header.column_twice', reason: `The header has the column ${column} twice` }
  }
  return {
    count: names.length,
    sku: names.indexOf(required.sku),
    name: names.indexOf(required.name),
    quantity: names.indexOf(required.quantity),
    unitPrice: names.indexOf(required.unitPrice),
  }
}
