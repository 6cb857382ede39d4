/** Merges sources that are each in ascending order into one, reading one item ahead of each. */
export async function* mergeSorted(sources: readonly AsyncIterable<string>[]): AsyncGenerator<string> {
  const heads = new Map<AsyncIterator<string>, string>()
  const advance = async (source: AsyncIterator<string>) => {
    const next = await source.next()
    if (next.done) heads.delete(source)
    else heads.set(source, next.value)
  }
  await Promise.all(sources.map((source) => advance(source[Symbol.asyncIterator]())))
  while (heads.size > 0) {
    const [source, value] = [...heads].reduce((least, head) => (head[1] < least[1] ? head : least))
    yield value
    await advance(source)
  }
}
