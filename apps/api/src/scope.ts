/** What a token may be allowed to do, and the words that say so in the API's description. */
export const scopes = {
  'uploads:write': 'Upload delivery files',
  'uploads:read': 'Follow uploads and read their rejects',
  'products:read': 'Read products and their stock',
  'orders:write': 'Place, pay and cancel orders',
  'orders:read': 'Read orders',
  'webhooks:write': 'Register webhook endpoints and replay deliveries',
  'webhooks:read': 'Read webhook endpoints and deliveries',
  'reports:read': 'Read sales reports',
} as const
export type Scope = keyof typeof scopes
