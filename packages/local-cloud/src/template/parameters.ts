import type { Stack, TemplateParameter } from './load-assembly.ts'
import { TemplateError } from './template-error.ts'

/** Refuses values for parameters that no stack has: a typing error would otherwise deploy the default. */
export const checkParameterNames = (
  stacks: readonly Stack[],
  values: Readonly<Record<string, string>>,
): void => {
  for (const name of Object.keys(values)) {
    if (!stacks.some((stack) => name in stack.template.Parameters)) {
      throw new TemplateError(`No stack has a parameter ${name}`)
    }
  }
}

/** The value of a parameter: the given one, else its default, checked as CloudFormation does. */
export const parameterValue = (
  stack: string,
  name: string,
  parameter: TemplateParameter,
  given: string | undefined,
): string | readonly string[] => {
  const fail = (problem: string) => new TemplateError(`${stack}: parameter ${name} ${problem}`)
  const value = given ?? (parameter.Default === undefined ? undefined : String(parameter.Default))
  if (value === undefined) throw fail(`has no value and no default. ${parameter.Description ?? ''}`.trimEnd())
  if (parameter.AllowedValues !== undefined && !parameter.AllowedValues.map(String).includes(value)) {
    throw fail(`is ${value}; allowed: ${parameter.AllowedValues.join(', ')}`)
  }
  if (
    parameter.AllowedPattern !== undefined &&
    !new RegExp(`^(?:${parameter.AllowedPattern})$`).test(value)
  ) {
    throw fail(`is ${value}; allowed: ${parameter.AllowedPattern}`)
  }
  switch (parameter.Type) {
    case 'String':
      return value
    case 'Number':
      if (value.trim() === '' || !Number.isFinite(Number(value))) throw fail(`is ${value}, not a number`)
      return value
    case 'CommaDelimitedList':
      return value.split(',').map((part) => part.trim())
    default:
      throw fail(`is of type ${parameter.Type}, not known to the local cloud`)
  }
}
