interface Named {
  readonly logicalId: string
  readonly name: string
}

/**
 * Finds a resource by its physical name, its logical id or the start of its logical id (CDK appends a hash). Throws when there
 * is none, or more than one.
 */
export const findResource = <Resource extends Named>(
  kind: string,
  resources: readonly Resource[],
  wanted: string,
): Resource => {
  const exact = resources.find(({ name, logicalId }) => name === wanted || logicalId === wanted)
  if (exact !== undefined) return exact
  const [found, ...others] = resources.filter(({ logicalId }) => logicalId.startsWith(wanted))
  if (found !== undefined && others.length === 0) return found
  throw new Error(
    `${found === undefined ? 'There is no' : 'There is more than one'} ${kind} ${wanted}. ` +
      `Known: ${resources.map(({ logicalId }) => logicalId).join(', ') || 'none'}`,
  )
}
