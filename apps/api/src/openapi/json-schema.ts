import * as z from 'zod/mini'
import { components } from './components.ts'

export type JsonSchema = Readonly<Record<string, unknown>>

/** Only the build imports this file, so naming the components costs no cold start. */
for (const [id, schema] of Object.entries(components)) z.globalRegistry.add(schema, { id })

/** The JSON Schema of what goes over the wire, referring to components by name. */
export const jsonSchema = (schema: z.core.$ZodType): JsonSchema => {
  const { $schema, $defs, ...rest } = convert(schema)
  return rest
}

/** The components themselves. */
export const componentSchemas = (): Record<string, unknown> =>
  Object.fromEntries(Object.entries(components).map(([id, schema]) => [id, convert(schema).$defs?.[id]]))

type Document = JsonSchema & { readonly $defs?: Readonly<Record<string, JsonSchema>> }

const convert = (schema: z.core.$ZodType): Document => {
  const document = z.toJSONSchema(schema, {
    // Requests are described before defaults and conversions; answers have neither.
    io: 'input',
    // Every date-time would carry the 200 characters of zod's pattern.
    override: ({ jsonSchema }) => {
      if (jsonSchema.format === 'date-time') delete jsonSchema.pattern
    },
  })
  return JSON.parse(JSON.stringify(document).replaceAll('"#/$defs/', '"#/components/schemas/'))
}
