import type { DynamoDBRecord } from 'aws-lambda'

/** Spreads records over up to `factor` lanes by their item's key, so that the records of one item stay in one lane, in order. */
export const itemLanes = (records: readonly DynamoDBRecord[], factor: number): DynamoDBRecord[][] => {
  const lanes = Array.from({ length: factor }, (): DynamoDBRecord[] => [])
  for (const record of records) lanes[hash(itemKey(record)) % factor]?.push(record)
  return lanes.filter((lane) => lane.length > 0)
}

/** The same text for all records of one item. */
export const itemKey = (record: DynamoDBRecord): string =>
  JSON.stringify(Object.entries(record.dynamodb?.Keys ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)))

/** FNV-1a, 32 bits. */
const hash = (text: string): number => {
  let value = 0x811c9dc5
  for (let i = 0; i < text.length; i += 1) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193)
  return value >>> 0
}
