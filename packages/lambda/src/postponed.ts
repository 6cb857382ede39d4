/** Thrown when a message has to come back later on purpose: SQS hears that it failed and so keeps it; logs and metrics do not. */
export class Postponed extends Error {
  readonly code = 'postponed'
}
