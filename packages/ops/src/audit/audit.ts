import type { Inbox } from '../webhook/inbox.ts'
import type { Check, Rule } from './check.ts'
import { envelopesArePublished, ordersMatchEvents } from './event-rules.ts'
import type { Facts } from './facts.ts'
import { moneyBalances } from './money-rules.ts'
import { nothingIsParked, queuesAreEmpty } from './queue-rules.ts'
import {
  nothingIsHalfDone,
  stockIsConserved,
  stockMatchesOrders,
  stockMatchesReceipts,
} from './stock-rules.ts'
import { uploadsAreAccounted } from './upload-rules.ts'
import { eventsAreDelivered, receiversAgree } from './webhook-rules.ts'

const rules: readonly Rule[] = [
  stockIsConserved,
  stockMatchesOrders,
  stockMatchesReceipts,
  nothingIsHalfDone,
  moneyBalances,
  uploadsAreAccounted,
  ordersMatchEvents,
  envelopesArePublished,
  eventsAreDelivered,
  receiversAgree,
  queuesAreEmpty,
  nothingIsParked,
]

/** Judges what is stored by every rule of the house; reads nothing itself. */
export const audit = (facts: Facts, inboxes: ReadonlyMap<string, Inbox> = new Map()): readonly Check[] =>
  rules.map((rule) => rule(facts, inboxes))

export const isClean = (checks: readonly Check[]): boolean =>
  checks.every(({ breaches }) => breaches.length === 0)
