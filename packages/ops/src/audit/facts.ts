/** What is stored, as an auditor reads it: raw items, not the application's objects. */
export interface Facts {
  readonly products: readonly ProductFact[]
  readonly orders: readonly OrderFact[]
  /** What is there only while a long order is being placed, or its stock follows a settled one. */
  readonly halfDone: readonly HalfDoneFact[]
  readonly uploads: readonly UploadFact[]
  readonly chunks: readonly ChunkFact[]
  readonly envelopes: readonly EnvelopeFact[]
  readonly endpoints: readonly EndpointFact[]
  readonly deliveries: readonly DeliveryFact[]
  readonly queues: readonly QueueFact[]
  /** Keys of stream records that were given up. */
  readonly failures: readonly string[]
}

export interface ProductFact {
  readonly merchant: string
  readonly sku: string
  readonly received: number
  readonly available: number
  readonly reserved: number
  readonly sold: number
}

export interface MoneyFact {
  readonly amount: number
  readonly currency: string
}

export interface OrderFact {
  readonly merchant: string
  readonly id: string
  readonly status: string
  readonly version: number
  readonly lines: readonly {
    readonly sku: string
    readonly quantity: number
    readonly unitPrice: MoneyFact
  }[]
  readonly total: MoneyFact
  readonly paid: MoneyFact | undefined
}

export interface HalfDoneFact {
  readonly merchant: string
  readonly orderId: string
  /** `reservation`, `stock to sell`, `begun answer`, … */
  readonly what: string
}

export interface UploadFact {
  readonly merchant: string
  readonly id: string
  readonly status: string
  readonly rowsAccepted: number
  readonly rowsRejected: number
}

/** One closed chunk of an upload. */
export interface ChunkFact {
  readonly uploadId: string
  readonly rowsAccepted: number
  readonly rowsRejected: number
}

export interface EnvelopeFact {
  readonly merchant: string
  readonly aggregate: string
  readonly pending: boolean
  readonly events: readonly EventFact[]
}

export interface EventFact {
  readonly id: string
  readonly type: string
  readonly sequence: number
  readonly time: string
  readonly data: unknown
}

export interface EndpointFact {
  readonly merchant: string
  readonly id: string
  readonly url: string
  readonly createdAt: string
  /** Absent means all. */
  readonly eventTypes: readonly string[] | undefined
}

export interface DeliveryFact {
  readonly merchant: string
  readonly endpointId: string
  readonly eventId: string
  readonly state: string
}

export interface QueueFact {
  readonly name: string
  readonly deadLetters: boolean
  readonly visible: number
  readonly inFlight: number
}
