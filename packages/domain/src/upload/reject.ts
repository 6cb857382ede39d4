/** Why one row raised no stock: its line in the file, the column at fault (empty when it is the row itself), its value and the reason. */
export interface Reject {
  readonly line: number
  readonly column: 'sku' | 'name' | 'quantity' | 'unit_price' | ''
  readonly value: string
  readonly reason: string
}
