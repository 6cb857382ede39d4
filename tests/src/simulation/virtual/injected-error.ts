/** What an adapter throws when the SDK has given up. */
export class InjectedError extends Error {
  constructor(name: string, message: string) {
    super(message)
    this.name = name
  }
}
