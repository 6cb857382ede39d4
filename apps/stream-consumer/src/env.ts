import { parseEnvironment } from '@stockroom/lambda/environment'
import * as z from 'zod/mini'

export const env = parseEnvironment(
  z.object({ OUTBOX_TABLE_NAME: z.string(), EVENTS_QUEUE_URL: z.url() }),
  process.env,
)
