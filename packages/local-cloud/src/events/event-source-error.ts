/** A setting of an event source mapping, schedule or event queue that AWS would refuse, or that is not emulated here. */
export class EventSourceError extends Error {
  constructor(eventSource: string, message: string) {
    super(`Event source ${eventSource}: ${message}`)
    this.name = 'EventSourceError'
  }
}

/** Throws an EventSourceError when `value` is outside of what AWS accepts for `setting`. */
export const requireRange = (
  eventSource: string,
  setting: string,
  value: number,
  min: number,
  max: number,
): void => {
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new EventSourceError(
      eventSource,
      `${setting} is ${value}, but must be an integer from ${min} to ${max}`,
    )
  }
}
