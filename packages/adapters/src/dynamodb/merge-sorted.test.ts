import fc from 'fast-check'
import { expect, test } from 'vitest'
import { mergeSorted } from './merge-sorted.ts'

async function* from(items: readonly string[]) {
  yield* items
}

test('is the sorted whole of its sources', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(fc.string())), async (lists) => {
      const merged: string[] = []
      for await (const item of mergeSorted(lists.map((list) => from([...list].sort())))) merged.push(item)
      expect(merged).toEqual(lists.flat().sort())
    }),
  )
})
