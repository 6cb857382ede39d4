/** One line of a figure's table; `value` has its unit in it. */
export interface Line {
  readonly what: string
  readonly value: string
  /** What it has to be, and whether it is. Lines without it only inform. */
  readonly must?: { readonly be: string; readonly holds: boolean }
}

/** What a figure measured: lines for people, and everything else for `.stockroom/figures`. */
export interface Measurement {
  readonly lines: readonly Line[]
  readonly raw: unknown
}

/** One promise in numbers. `scale` is 1 for the published size; a tenth of it is enough to try the command. */
export interface Figure {
  readonly name: string
  /** What is measured, in one line. */
  readonly about: string
  measure(options: { readonly scale: number; update(text: string): void }): Promise<Measurement>
}
