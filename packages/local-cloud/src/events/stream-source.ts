/** DynamoDB's attribute values as they travel on the wire (and in Lambda's event): binary as base64. */
export type AttributeValue =
  | { readonly S: string }
  | { readonly N: string }
  | { readonly B: string }
  | { readonly BOOL: boolean }
  | { readonly NULL: true }
  | { readonly SS: readonly string[] }
  | { readonly NS: readonly string[] }
  | { readonly BS: readonly string[] }
  | { readonly L: readonly AttributeValue[] }
  | { readonly M: AttributeMap }

export interface AttributeMap {
  readonly [attribute: string]: AttributeValue
}

/** One record exactly as Lambda hands it to a function (its `eventSourceARN` is added by the mapping). */
export interface StreamRecord {
  readonly eventID: string
  readonly eventName: 'INSERT' | 'MODIFY' | 'REMOVE'
  readonly eventVersion: string
  readonly eventSource: 'aws:dynamodb'
  readonly awsRegion: string
  readonly dynamodb: {
    /** Whole seconds since the epoch. */
    readonly ApproximateCreationDateTime: number
    readonly Keys: AttributeMap
    readonly NewImage?: AttributeMap
    readonly OldImage?: AttributeMap
    readonly SequenceNumber: string
    readonly SizeBytes: number
    readonly StreamViewType: string
  }
  /** Present on removals by TTL: `{ type: 'Service', principalId: 'dynamodb.amazonaws.com' }`. */
  readonly userIdentity?: { readonly type: string; readonly principalId: string }
}

export interface StreamShard {
  readonly shardId: string
  readonly parentShardId?: string
}

export type StreamPosition =
  | { readonly type: 'TRIM_HORIZON' }
  | { readonly type: 'LATEST' }
  | { readonly type: 'AFTER_SEQUENCE_NUMBER'; readonly sequenceNumber: string }

export interface StreamPage {
  /** In ascending sequence number, at most the limit asked for. May be empty although the shard is open. */
  readonly records: readonly StreamRecord[]
  /** Where to read on; absent when the shard is closed and read to its end. */
  readonly nextIterator?: string
}

/** One table's stream. The three calls mean what DynamoDB Streams' API of the same names means. */
export interface StreamSource {
  /** Every shard that is still within the stream's retention, open or closed. */
  listShards(): Promise<readonly StreamShard[]>
  getShardIterator(shardId: string, position: StreamPosition): Promise<string>
  /** Rejects on an iterator that expired; the caller then asks for a new one after its last sequence number. */
  getRecords(iterator: string, limit: number): Promise<StreamPage>
}
