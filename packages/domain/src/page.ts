/** One page of a list; `next` is the position to go on from and absent on the last page. */
export interface Page<T> {
  readonly items: readonly T[]
  readonly next?: string
}

/** Where a list is read from: at most `limit` items after the position that an earlier page's `next` gave. */
export interface PageRequest {
  readonly limit: number
  readonly after?: string
}
