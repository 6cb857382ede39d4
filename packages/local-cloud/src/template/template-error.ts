/** The template holds something that the local cloud does not know, or that CloudFormation would refuse as well. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError'
}
