/** Every scope of the API: what a local token holds when none are asked for. */
export const allScopes = [
  'uploads:write',
  'uploads:read',
  'products:read',
  'orders:write',
  'orders:read',
  'webhooks:write',
  'webhooks:read',
  'reports:read',
] as const
