/** A setting of an event source that AWS would refuse, or that is not emulated here. */
export class MappingError extends Error {
  constructor(mapping: string, message: string) {
    super(`Event source mapping ${mapping}: ${message}`)
    this.name = 'MappingError'
  }
}

/** Throws a MappingError when `value` is outside of what AWS accepts for `setting`. */
export const requireRange = (
  mapping: string,
  setting: string,
  value: number,
  min: number,
  max: number,
): void => {
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new MappingError(mapping, `${setting} is ${value}, but must be an integer from ${min} to ${max}`)
  }
}
