import { environment } from '@stockroom/lambda/env'
import * as z from 'zod/mini'

const Name = z.string().check(z.minLength(1))

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
    /** Empty on every real stage. */
    WEBHOOK_ALLOWED_NETWORKS: z.string(),
  }),
)
