/** An error that KMS answers with; the SDK makes an exception of the same name from it. */
export class KmsError extends Error {
  override readonly name = 'KmsError'
  readonly #code: string

  constructor(code: string, message = '') {
    super(message)
    this.#code = code
  }

  /** As it stands in the answer. */
  get body(): { readonly __type: string; readonly message: string } {
    return { __type: this.#code, message: this.message }
  }
}
