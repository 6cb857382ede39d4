/** One guard taken away, and the tests that must notice. */
export interface Mutant {
  /** The guard that is missing, as a reader of the table would call it. */
  readonly name: string
  /** Numbers of docs/faults.md. */
  readonly faults: readonly number[]
  /** From the root of the repository. */
  readonly file: string
  /** Stands in `file` exactly once, blanks included. */
  readonly before: string
  readonly after: string
  readonly test: {
    /** Test files from the root, all of one package. */
    readonly files: readonly string[]
    /** Only the tests whose full name matches this; all of the files when left out. */
    readonly name?: string
  }
}
