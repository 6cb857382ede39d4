import { createHmac, timingSafeEqual } from 'node:crypto'
import type { MerchantId } from '@stockroom/domain/merchant-id'
import { Problem } from './problem.ts'

/** The list that a cursor belongs to; it opens in no other. */
export interface CursorScope {
  readonly merchant: MerchantId
  /** The operation, such as `listOrders`. */
  readonly list: string
  /** What the list was narrowed to, such as its status. */
  readonly filter?: string | undefined
}

/** Turns positions in lists into cursors that a caller can keep but neither make nor move, and back. */
export interface Cursors {
  seal(scope: CursorScope, position: string): Promise<string>
  /** @throws Problem 400 when this list did not give the cursor out. */
  open(scope: CursorScope, cursor: string): Promise<string>
}

/** Cursors signed with HMAC-SHA-256: `<position>.<mac>`, both base64url. `key` gives the same secret in every execution environment. */
export const makeCursors = (key: () => Promise<Uint8Array>): Cursors => {
  const mac = async ({ merchant, list, filter = '' }: CursorScope, position: string): Promise<Buffer> =>
    createHmac('sha256', await key())
      .update(JSON.stringify([merchant, list, filter, position]))
      .digest()

  return {
    seal: async (scope, position) =>
      `${Buffer.from(position).toString('base64url')}.${(await mac(scope, position)).toString('base64url')}`,

    open: async (scope, cursor) => {
      const [position = '', given = ''] = cursor.split('.')
      const text = Buffer.from(position, 'base64url').toString()
      const signature = Buffer.from(given, 'base64url')
      const expected = await mac(scope, text)
      if (signature.length !== expected.length || !timingSafeEqual(signature, expected))
        throw new Problem('request.cursor_invalid', 'Take cursors from the next member of this same list.')
      return text
    },
  }
}
