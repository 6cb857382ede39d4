import * as z from 'zod/mini'
import type { ApiAnswer } from '../api-client.ts'

/** What the demo reads of the API's answers; everything else in them is left alone. */
export const Money = z.object({ amount: z.int(), currency: z.string() })
export const PlacedOrder = z.object({ id: z.string(), total: Money, expiresAt: z.string() })
export const RegisteredEndpoint = z.object({ id: z.string(), secret: z.string() })
export const RequestedUpload = z.object({
  id: z.string(),
  form: z.object({ url: z.string(), fields: z.record(z.string(), z.string()) }),
})
export const UploadState = z.object({
  status: z.string(),
  progress: z.optional(z.object({ rowsAccepted: z.int(), rowsRejected: z.int() })),
})
export const Problem = z.object({ code: z.string(), detail: z.string() })
export const Report = z.object({ url: z.string() })

/** The body of an answer with the status that was hoped for. @throws Error with the problem's detail otherwise. */
export const expectAnswer = <T extends z.core.$ZodType>(
  answer: ApiAnswer,
  status: number,
  schema: T,
): z.output<T> => {
  if (answer.status !== status)
    throw new Error(`expected ${status}, got ${answer.status}: ${JSON.stringify(answer.body)}`)
  return z.parse(schema, answer.body)
}
