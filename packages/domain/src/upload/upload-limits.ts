/** What one delivery file may be. Beyond these it is refused as a whole, with the line where it went wrong. */
export const uploadLimits = {
  /** 1 GiB: what plan-upload scans within its timeout. S3 itself takes 5 GiB in one POST. */
  fileBytes: 1024 ** 3,
  /** With the bytes it bounds the chunks of a file, and so the plan, to some 1,100. */
  rows: 10_000_000,
  /** A longer record means an open quote far more often than a long name, and would have to fit in memory. */
  recordBytes: 64 * 1024,
  /** A chunk ends before it exceeds either: memory follows from the bytes, the number of transactions from the rows. */
  chunkBytes: 8 * 1024 ** 2,
  chunkRows: 10_000,
  /** DynamoDB takes 100 items in a transaction; the part's marker and its envelope are two of them. */
  partSkus: 98,
  nameCharacters: 200,
  /** How long a form may be used, and a link to rejects. */
  formSeconds: 300,
  linkSeconds: 300,
} as const
export type UploadLimits = { readonly [limit in keyof typeof uploadLimits]: number }
