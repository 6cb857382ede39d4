import { parseEnvironment } from '@stockroom/lambda/environment'
import * as z from 'zod/mini'

const Name = z.string().check(z.minLength(1))

/** What this function is configured with; infra passes exactly this. */
export const env = parseEnvironment(
  z.object({
    STAGE: Name,
    SHOP_TABLE_NAME: Name,
    OUTBOX_TABLE_NAME: Name,
    EXPORTS_BUCKET_NAME: Name,
    CURSOR_KEY_ID: Name,
  }),
  process.env,
)
