import * as z from 'zod/mini'

/**
 * Reads a function's environment once, at its start; `env.ts` passes `process.env`. Nothing has a default: a function without
 * its configuration must not run.
 * @throws Error that names each missing or malformed variable, never a value.
 */
export const parseEnvironment = <S extends z.core.$ZodType>(
  schema: S,
  source: Readonly<Record<string, string | undefined>>,
): z.output<S> => {
  const result = z.safeParse(schema, source)
  if (result.success) return result.data
  const names = result.error.issues.map(({ path }) => {
    const name = path.map(String).join('.')
    return `${name} ${source[name] === undefined ? 'is missing' : 'is malformed'}`
  })
  throw new Error(`Environment: ${names.join('; ')}`)
}
