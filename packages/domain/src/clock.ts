/** The time of day, passed in so that rules stay pure and tests choose it. */
export interface Clock {
  now(): Date
}
