import type { Page, PageRequest } from '@stockroom/domain/page'
import type { CursorScope, Cursors } from './cursor.ts'

/** Reads one page of a list whose positions leave as cursors. @throws Problem 400 when this list did not give the cursor out. */
export const sealedPage = async <T>(
  cursors: Cursors,
  scope: CursorScope,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
  read: (request: PageRequest) => Promise<Page<T>>,
): Promise<{ items: T[]; next?: string }> => {
  const page = await read(
    cursor === undefined ? { limit } : { limit, after: await cursors.open(scope, cursor) },
  )
  return {
    items: [...page.items],
    ...(page.next !== undefined && { next: await cursors.seal(scope, page.next) }),
  }
}
