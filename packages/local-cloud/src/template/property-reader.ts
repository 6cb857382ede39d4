import { TemplateError } from './template-error.ts'

type Properties = Readonly<Record<string, unknown>>

export const isObject = (value: unknown): value is Properties =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * Reads resolved properties and remembers which ones were read: `end()` refuses the rest, so a property that nobody
 * thought of is an error and never silence. Numbers and booleans may be written as strings, as CloudFormation accepts.
 */
export class PropertyReader {
  readonly #where: string
  readonly #properties: Properties
  readonly #read = new Set<string>()
  readonly #children: PropertyReader[] = []

  /** `where` starts every message: `Stack.LogicalId (AWS::SQS::Queue)`. */
  constructor(where: string, properties: unknown) {
    if (!isObject(properties)) throw new TemplateError(`${where}: expected an object`)
    this.#where = where
    this.#properties = properties
  }

  has(name: string): boolean {
    return this.#properties[name] !== undefined
  }

  /** Accepts properties that change nothing here; the names come from an explicit table with a reason each. */
  accept(notEmulated: Readonly<Record<string, string>>): void {
    for (const name of Object.keys(notEmulated)) this.#read.add(name)
  }

  raw(name: string): unknown {
    this.#read.add(name)
    return this.#properties[name]
  }

  string(name: string): string {
    return this.#required(name, this.optionalString(name))
  }

  optionalString(name: string): string | undefined {
    const value = this.raw(name)
    if (value === undefined || typeof value === 'string') return value
    if (typeof value === 'number' || typeof value === 'boolean') return String(value)
    throw this.error(name, 'is not a string')
  }

  /** One of a closed set of values. */
  choice<const Value extends string>(name: string, values: readonly Value[]): Value {
    return this.#required(name, this.optionalChoice(name, values))
  }

  optionalChoice<const Value extends string>(name: string, values: readonly Value[]): Value | undefined {
    const value = this.optionalString(name)
    if (value === undefined) return undefined
    const known = values.find((candidate) => candidate === value)
    if (known === undefined) throw this.error(name, `is ${value}; known here: ${values.join(', ')}`)
    return known
  }

  number(name: string): number {
    return this.#required(name, this.optionalNumber(name))
  }

  optionalNumber(name: string): number | undefined {
    const value = this.raw(name)
    if (value === undefined) return undefined
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
    if (typeof number === 'number' && Number.isFinite(number)) return number
    throw this.error(name, 'is not a number')
  }

  optionalBoolean(name: string): boolean | undefined {
    const value = this.raw(name)
    if (value === undefined || typeof value === 'boolean') return value
    if (value === 'true') return true
    if (value === 'false') return false
    throw this.error(name, 'is not a boolean')
  }

  /** A nested object; `end()` of this reader also covers it. */
  object(name: string): PropertyReader {
    return this.#required(name, this.optionalObject(name))
  }

  optionalObject(name: string): PropertyReader | undefined {
    const value = this.raw(name)
    return value === undefined ? undefined : this.#child(name, value)
  }

  /** A list of nested objects; empty when the property is absent. */
  objects(name: string): PropertyReader[] {
    return this.#list(name).map((value, index) => this.#child(`${name}.${index}`, value))
  }

  /** A list of strings; empty when the property is absent. */
  strings(name: string): string[] {
    return this.#list(name).map((value) => {
      if (typeof value === 'string') return value
      throw this.error(name, 'holds something that is not a string')
    })
  }

  /** A map of strings; empty when the property is absent. */
  stringMap(name: string): Record<string, string> {
    const value = this.raw(name) ?? {}
    if (!isObject(value)) throw this.error(name, 'is not an object')
    return Object.fromEntries(
      Object.entries(value).map(([key, entry]) => {
        if (typeof entry === 'string') return [key, entry]
        if (typeof entry === 'number' || typeof entry === 'boolean') return [key, String(entry)]
        throw this.error(`${name}.${key}`, 'is not a string')
      }),
    )
  }

  error(name: string, problem: string): TemplateError {
    return new TemplateError(`${this.#where}: property ${name} ${problem}`)
  }

  /** Refuses every property that was not read, here and in the nested objects. */
  end(): void {
    const unknown = Object.keys(this.#properties).find((name) => !this.#read.has(name))
    if (unknown !== undefined) throw this.error(unknown, 'is not known to the local cloud')
    for (const child of this.#children) child.end()
  }

  #list(name: string): readonly unknown[] {
    const value = this.raw(name) ?? []
    if (!Array.isArray(value)) throw this.error(name, 'is not a list')
    return value
  }

  #child(name: string, value: unknown): PropertyReader {
    if (!isObject(value)) throw this.error(name, 'is not an object')
    const child = new PropertyReader(`${this.#where}: ${name}`, value)
    this.#children.push(child)
    return child
  }

  #required<Value>(name: string, value: Value | undefined): Value {
    if (value === undefined) throw this.error(name, 'is missing')
    return value
  }
}
