import { isObject } from './property-reader.ts'
import { TemplateError } from './template-error.ts'

/** Where the values of references come from. Each throws {@link TemplateError} for a name that there is not. */
export interface References {
  ref(logicalId: string): unknown
  attribute(logicalId: string, attribute: string): unknown
  importValue(exportName: string): unknown
  condition(name: string): boolean
  mapping(map: string, first: string, second: string): unknown
}

/** What `AWS::NoValue` resolves to: the property or list element that holds it disappears. */
export const noValue = Symbol('AWS::NoValue')

/** Replaces every intrinsic function in `value`. Throws {@link TemplateError} for one that is not known. */
export const resolveIntrinsics = (value: unknown, references: References): unknown => {
  if (Array.isArray(value)) {
    return value.map((entry) => resolveIntrinsics(entry, references)).filter((entry) => entry !== noValue)
  }
  if (!isObject(value)) return value
  const [only, ...others] = Object.entries(value)
  if (only !== undefined && others.length === 0 && isIntrinsic(only[0])) {
    const [name, argument] = only
    const intrinsic = intrinsics[name]
    if (intrinsic === undefined) throw new TemplateError(`${name} is not known to the local cloud`)
    return intrinsic(argument, references)
  }
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, entry]): [string, unknown] => [key, resolveIntrinsics(entry, references)])
      .filter(([, entry]) => entry !== noValue),
  )
}

const isIntrinsic = (key: string): boolean => key === 'Ref' || key === 'Condition' || key.startsWith('Fn::')

const intrinsics: Readonly<Record<string, (argument: unknown, references: References) => unknown>> = {
  Ref: (argument, references) => references.ref(text('Ref', argument)),

  Condition: (argument, references) => references.condition(text('Condition', argument)),

  'Fn::GetAtt': (argument, references) => {
    const [logicalId, ...attribute] =
      typeof argument === 'string' ? argument.split('.') : list('Fn::GetAtt', argument)
    return references.attribute(
      text('Fn::GetAtt', logicalId),
      attribute.map((part) => text('Fn::GetAtt', resolveIntrinsics(part, references))).join('.'),
    )
  },

  'Fn::Join': (argument, references) => {
    const [separator, values] = list('Fn::Join', argument)
    return list('Fn::Join', resolveIntrinsics(values, references))
      .map((part) => text('Fn::Join', part))
      .join(text('Fn::Join', separator))
  },

  'Fn::Sub': (argument, references) => {
    const [template, variables] = typeof argument === 'string' ? [argument, {}] : list('Fn::Sub', argument)
    const given = resolveIntrinsics(variables ?? {}, references)
    return text('Fn::Sub', template).replace(/\$\{(!?)([^}]+)\}/g, (_, literal: string, name: string) => {
      if (literal === '!') return `\${${name}}`
      if (isObject(given) && name in given) return text('Fn::Sub', given[name])
      const [logicalId = '', ...attribute] = name.split('.')
      return text(
        'Fn::Sub',
        attribute.length === 0 ? references.ref(name) : references.attribute(logicalId, attribute.join('.')),
      )
    })
  },

  'Fn::Select': (argument, references) => {
    const [index, values] = list('Fn::Select', resolveIntrinsics(argument, references))
    const selected = list('Fn::Select', values)[Number(index)]
    if (selected === undefined) throw new TemplateError(`Fn::Select: there is no element ${String(index)}`)
    return selected
  },

  'Fn::Split': (argument, references) => {
    const [separator, value] = list('Fn::Split', resolveIntrinsics(argument, references))
    return text('Fn::Split', value).split(text('Fn::Split', separator))
  },

  'Fn::ImportValue': (argument, references) =>
    references.importValue(text('Fn::ImportValue', resolveIntrinsics(argument, references))),

  'Fn::FindInMap': (argument, references) => {
    const [map, first, second] = list('Fn::FindInMap', resolveIntrinsics(argument, references))
    return references.mapping(
      text('Fn::FindInMap', map),
      text('Fn::FindInMap', first),
      text('Fn::FindInMap', second),
    )
  },

  'Fn::If': (argument, references) => {
    const [condition, whenTrue, whenFalse] = list('Fn::If', argument)
    const chosen = references.condition(text('Fn::If', condition)) ? whenTrue : whenFalse
    return resolveIntrinsics(chosen, references)
  },

  'Fn::Equals': (argument, references) => {
    const [left, right] = list('Fn::Equals', resolveIntrinsics(argument, references))
    return String(left) === String(right)
  },

  'Fn::And': (argument, references) => list('Fn::And', resolveIntrinsics(argument, references)).every(isTrue),
  'Fn::Or': (argument, references) => list('Fn::Or', resolveIntrinsics(argument, references)).some(isTrue),
  'Fn::Not': (argument, references) =>
    !list('Fn::Not', resolveIntrinsics(argument, references)).every(isTrue),
}

const isTrue = (value: unknown): boolean => value === true

const text = (intrinsic: string, value: unknown): string => {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  throw new TemplateError(`${intrinsic}: expected a string, found ${JSON.stringify(value)}`)
}

const list = (intrinsic: string, value: unknown): readonly unknown[] => {
  if (Array.isArray(value)) return value
  throw new TemplateError(`${intrinsic}: expected a list, found ${JSON.stringify(value)}`)
}
