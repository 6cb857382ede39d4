import { type Clock, systemClock } from '@stockroom/local-cloud/clock'

const minute = 60_000
const hurry = 30

/** The longest that Lambda waits with a failed asynchronous run: two minutes, hurried. */
export const longestRetryMilliseconds = (2 * minute) / hurry

/**
 * The machine's own time, except that what the cloud lets wait for a minute or more, it lets wait for a thirtieth of that: Lambda calls a failed asynchronous
 * run again after two and four seconds instead of one and two minutes. Shorter waits, and all times of the application, are as long as they are.
 */
export const hurriedClock: Clock = {
  now: systemClock.now,
  schedule: (delayMs, task) => systemClock.schedule(delayMs < minute ? delayMs : delayMs / hurry, task),
}
