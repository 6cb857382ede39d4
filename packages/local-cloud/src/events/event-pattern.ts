/** A compiled filter: whether a value satisfies it. */
export type Matches = (value: unknown) => boolean

type JsonObject = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * Compiles an EventBridge pattern as Lambda's filters know it: exact values, null, prefix, suffix, equals-ignore-case,
 * anything-but, exists, numeric, `$or` and nested fields. Throws an Error that names the field of an operator it does not know.
 * Rules: Lambda developer guide, invocation-eventfiltering.
 */
export const compileEventPattern = (pattern: unknown, path = '$'): Matches => {
  if (!isObject(pattern)) throw new Error(`Filter pattern at ${path} is not an object`)
  const fields = Object.entries(pattern).map(([name, rule]): Matches => {
    if (name === '$or')
      return anyOf(listOf(rule, `${path}.$or`).map((branch) => compileEventPattern(branch, path)))
    const matches = compileField(rule, `${path}.${name}`)
    return (value) => matches(isObject(value) ? value[name] : undefined)
  })
  // EventBridge looks into arrays of objects: one element has to satisfy the pattern.
  return (value) =>
    Array.isArray(value)
      ? value.some((element) => fields.every((matches) => matches(element)))
      : fields.every((matches) => matches(value))
}

const compileField = (rule: unknown, path: string): Matches =>
  isObject(rule)
    ? compileEventPattern(rule, path)
    : anyOf(listOf(rule, path).map((test) => compileTest(test, path)))

const listOf = (value: unknown, path: string): readonly unknown[] => {
  if (!Array.isArray(value) || value.length === 0) {
    throw new Error(`Filter pattern at ${path} is neither an object nor a list of values`)
  }
  return value
}

const anyOf =
  (tests: readonly Matches[]): Matches =>
  (value) =>
    tests.some((matches) => matches(value))

/** An array in the event satisfies a test when one of its elements does. */
const anyElement =
  (test: Matches): Matches =>
  (value) =>
    Array.isArray(value) ? value.some(test) : test(value)

const compileTest = (test: unknown, path: string): Matches => {
  if (!isObject(test)) return anyElement((value) => value === test)
  const [[operator, operand] = ['nothing', undefined], ...others] = Object.entries(test)
  if (others.length > 0) throw new Error(`Filter pattern at ${path} has more than one operator in one object`)
  // Exists looks at leaves only: an object in the event is no value.
  if (operator === 'exists') return (value) => (value !== undefined && !isObject(value)) === operand
  return anyElement(compileOperator(operator, operand, path))
}

const compileOperator = (operator: string, operand: unknown, path: string): Matches => {
  switch (operator) {
    case 'prefix':
      return compileText(operand, path, (text, wanted) => text.startsWith(wanted))
    case 'suffix':
      return compileText(operand, path, (text, wanted) => text.endsWith(wanted))
    case 'equals-ignore-case':
      return compileText(operand, path, (text, wanted) => text.toLowerCase() === wanted.toLowerCase())
    case 'numeric':
      return compileNumeric(listOf(operand, path), path)
    case 'anything-but': {
      const excluded = (Array.isArray(operand) ? operand : [operand]).map((test) => compileTest(test, path))
      return (value) => value !== undefined && !excluded.some((matches) => matches(value))
    }
    default:
      throw new Error(`Filter pattern at ${path} has an operator that is not known: ${operator}`)
  }
}

const compileText = (
  wanted: unknown,
  path: string,
  compare: (text: string, wanted: string) => boolean,
): Matches => {
  if (typeof wanted !== 'string') throw new Error(`Filter pattern at ${path} needs a text operand`)
  return (value) => typeof value === 'string' && compare(value, wanted)
}

const comparisons: Readonly<Record<string, (value: number, bound: number) => boolean>> = {
  '=': (value, bound) => value === bound,
  '<': (value, bound) => value < bound,
  '<=': (value, bound) => value <= bound,
  '>': (value, bound) => value > bound,
  '>=': (value, bound) => value >= bound,
}

const compileNumeric = (operands: readonly unknown[], path: string): Matches => {
  const tests: ((value: number) => boolean)[] = []
  for (let i = 0; i < operands.length; i += 2) {
    const compare = comparisons[String(operands[i])]
    const bound = operands[i + 1]
    if (!compare || typeof bound !== 'number') {
      throw new Error(`Filter pattern at ${path} has a numeric comparison that is not known`)
    }
    tests.push((value) => compare(value, bound))
  }
  return (value) => typeof value === 'number' && tests.every((test) => test(value))
}
