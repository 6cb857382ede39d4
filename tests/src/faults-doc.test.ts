import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')

interface Row {
  readonly number: number
  readonly proofs: readonly string[]
}

const rows: readonly Row[] = readFileSync(join(root, 'docs/faults.md'), 'utf8')
  .split('\n')
  .filter((line) => /^\| \d+ \|/.test(line))
  .map((line) => {
    const [, number, , proof = ''] = line.split(/(?<!\\)\|/).map((cell) => cell.trim())
    return { number: Number(number), proofs: proof.replaceAll('\\|', '|').split('<br>') }
  })

/** The titles that a file gives its tests: the first argument of `it`, `test` and what `it.each(…)` returns. */
const titlesIn = (source: string): readonly string[] =>
  [
    ...source.matchAll(
      /(?:\b(?:it|test)|\))\(\s*(?:'((?:\\.|[^'\\\n])*)'|"((?:\\.|[^"\\\n])*)"|`((?:\\.|[^`\\])*)`)\s*,/g,
    ),
  ].map(([, single, double, template]) => (single ?? double ?? template ?? '').replaceAll(/\\(.)/g, '$1'))

/** Whether `named` is the title itself, or the title with its placeholders (`%s`, `$name`, `${name}`) filled in. */
const isTitle = (named: string, title: string): boolean => {
  const parts = title
    .split(/\$\{[^}]*\}|\$\w+|%[sdifjopc#]/)
    .map((part) => part.replaceAll(/[^\w\s]/g, '\\$&'))
  return named === title || new RegExp(`^${parts.join('.+')}$`).test(named)
}

const missing = (proof: string): string | undefined => {
  const [, file, title] = /^`([\w./-]+(?:\.test|\.suite|-contract)\.ts)` › (.+)$/.exec(proof) ?? []
  if (file === undefined || title === undefined) return `is neither a test nor a reason: ${proof}`
  if (!existsSync(join(root, file))) return `no file ${file}`
  return titlesIn(readFileSync(join(root, file), 'utf8')).some((given) => isTitle(title, given))
    ? undefined
    : `${file} has no test with the title ${title}`
}

describe('the threat model', () => {
  const threats = readFileSync(join(root, 'docs/threat-model.md'), 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, name, proofs] = /^\| (API\d+) .* \| (.*) \|$/.exec(line) ?? []
      return name === undefined || proofs === undefined ? [] : [{ name, proofs: proofs.split('<br>') }]
    })

  it('has a row for each of the ten threats, in their order', () => {
    expect(threats.map(({ name }) => name)).toEqual(
      Array.from({ length: 10 }, (_, index) => `API${index + 1}`),
    )
  })

  it.each(threats)('names for $name tests that there are', ({ proofs }) => {
    for (const proof of proofs) expect(missing(proof)).toBeUndefined()
  })
})

describe('the catalogue of faults', () => {
  it('has a row for each of the 73 faults, in their order', () => {
    expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: 73 }, (_, index) => index + 1))
  })

  it.each(rows)('names for fault $number tests that there are, or why it cannot occur', ({ proofs }) => {
    for (const proof of proofs) if (!/^Cannot occur: \S/.test(proof)) expect(missing(proof)).toBeUndefined()
  })

  it('is not satisfied by a test or a file that is not there', () => {
    const self = '`tests/src/faults-doc.test.ts` ›'
    expect(missing(`${self} has a row for each of the 73 faults, in their order`)).toBeUndefined()
    expect(missing(`${self} names for fault 12 tests that there are, or why it cannot occur`)).toBeUndefined()
    expect(missing(`${self} has a row`)).toContain('no test')
    expect(missing('`tests/src/nowhere.test.ts` › has a row')).toContain('no file')
    expect(missing('–')).toContain('neither')
  })
})
