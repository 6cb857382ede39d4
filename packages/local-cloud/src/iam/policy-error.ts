/** A policy that this evaluator does not understand completely; granting or denying by halves would prove nothing. */
export class PolicyError extends Error {
  constructor(where: string, problem: string) {
    super(`${where}: ${problem}`)
    this.name = 'PolicyError'
  }
}
