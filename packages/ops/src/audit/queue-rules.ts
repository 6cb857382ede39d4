import type { Rule } from './check.ts'

/** Nothing is on its way any more. */
export const queuesAreEmpty: Rule = ({ queues }) => {
  const working = queues.filter(({ deadLetters }) => !deadLetters)
  return {
    promise: 'queues are empty',
    counted: `${working.length} queues`,
    breaches: working
      .filter(({ visible, inFlight }) => visible + inFlight > 0)
      .map(({ name, visible, inFlight }) => `${name}: ${visible} waiting, ${inFlight} in flight`),
  }
}

/** Nothing was given up: no dead letter, no stream record in the failures bucket. */
export const nothingIsParked: Rule = ({ queues, failures }) => {
  const parking = queues.filter(({ deadLetters }) => deadLetters)
  return {
    promise: 'nothing was given up',
    counted: `${parking.length} dead-letter queues, 1 bucket`,
    breaches: [
      ...parking
        .filter(({ visible, inFlight }) => visible + inFlight > 0)
        .map(({ name, visible, inFlight }) => `${name}: ${visible + inFlight} dead letters`),
      ...failures.map((key) => `failures bucket: ${key}`),
    ],
  }
}
