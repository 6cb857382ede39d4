import type { DynamoDBRecord } from 'aws-lambda'
import { itemKey } from '../events/item-lanes.ts'
import { seededShuffle } from './seeded-hash.ts'
import { sequenceOf } from './virtual-shards.ts'

/**
 * Lets changes of different items stand in a stream in another order than the one they came in, for good: DynamoDB promises an
 * order for the changes of one item only, and none for those of one transaction (DynamoDB guide, Streams). The sequence numbers stay
 * where they are, so that every reader sees the same stream at every reading.
 */
export class PermutedRecords {
  /** By the sequence number under which it is shown. */
  readonly #shown = new Map<string, DynamoDBRecord>()

  /** The records as they are shown. */
  show(records: readonly DynamoDBRecord[]): readonly DynamoDBRecord[] {
    return records.map((record) => this.#shown.get(sequenceOf(record)) ?? record)
  }

  /** Permutes neighbours that are of different items and of the same second. */
  permute(records: readonly DynamoDBRecord[], salt: number): void {
    for (const run of runsOfDifferentItems(records)) {
      const places = run.map(sequenceOf)
      for (const [index, record] of seededShuffle(run, salt).entries()) {
        const SequenceNumber = places[index]
        if (SequenceNumber === undefined || SequenceNumber === sequenceOf(record)) continue
        this.#shown.set(SequenceNumber, { ...record, dynamodb: { ...record.dynamodb, SequenceNumber } })
      }
    }
  }
}

const runsOfDifferentItems = (records: readonly DynamoDBRecord[]): readonly (readonly DynamoDBRecord[])[] => {
  const runs: DynamoDBRecord[][] = []
  let items = new Set<string>()
  for (const record of records) {
    const run = runs.at(-1)
    const item = itemKey(record)
    if (run?.[0] && secondOf(run[0]) === secondOf(record) && !items.has(item)) {
      run.push(record)
      items.add(item)
    } else {
      runs.push([record])
      items = new Set([item])
    }
  }
  return runs
}

const secondOf = (record: DynamoDBRecord): number => record.dynamodb?.ApproximateCreationDateTime ?? 0
