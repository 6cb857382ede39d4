import { environment } from '@stockroom/lambda/env'
import * as z from 'zod/mini'

const Name = z.string().check(z.minLength(1))
/** A whole number from 1 on. */
const Count = z.pipe(
  z.string().check(z.regex(/^[1-9]\d{0,5}$/)),
  z.transform((digits: string) => Number(digits)),
)

/** What this function is configured with; infra passes exactly this. */
export const env = environment(
  z.object({
    STAGE: Name,
    SHOP_TABLE_NAME: Name,
    OUTBOX_TABLE_NAME: Name,
    WEBHOOKS_TABLE_NAME: Name,
    IDEMPOTENCY_TABLE_NAME: Name,
    UPLOADS_BUCKET_NAME: Name,
    EXPORTS_BUCKET_NAME: Name,
    CURSOR_KEY_ID: Name,
    SECRETS_KEY_ID: Name,
    /** Requests of one merchant. */
    RATE_LIMIT_PER_SECOND: Count,
    RATE_LIMIT_BURST: Count,
    /** Empty on every real stage. */
    WEBHOOK_ALLOWED_NETWORKS: z.string(),
  }),
)
