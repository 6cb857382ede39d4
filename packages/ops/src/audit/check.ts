import type { Inbox } from '../webhook/inbox.ts'
import type { Facts } from './facts.ts'

/** One line of the audit: what was looked at, and every row that breaks the promise. */
export interface Check {
  readonly promise: string
  /** What was counted, for the reader: `158 skus`. */
  readonly counted: string
  readonly breaches: readonly string[]
}

/** A rule over everything that is stored, and over what the receivers saw where there are any, by endpoint URL. */
export type Rule = (facts: Facts, inboxes: ReadonlyMap<string, Inbox>) => Check
