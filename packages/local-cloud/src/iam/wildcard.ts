/** IAM's patterns: `*` stands for any characters, none included, `?` for exactly one. */
export const matchesWildcard = (pattern: string, text: string): boolean => {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${source}$`, 's').test(text)
}

/**
 * Compares ARNs component by component, so that a wildcard never reaches over a colon; the sixth component is the whole
 * rest. A single `*` matches everything.
 */
export const matchesArn = (pattern: string, arn: string): boolean => {
  if (pattern === '*') return true
  const patterns = components(pattern)
  const parts = components(arn)
  return (
    patterns.length === parts.length && patterns.every((part, n) => matchesWildcard(part, parts[n] ?? ''))
  )
}

const components = (arn: string): readonly string[] => {
  const parts = arn.split(':')
  return parts.length <= 6 ? parts : [...parts.slice(0, 5), parts.slice(5).join(':')]
}
