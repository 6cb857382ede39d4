/** The request as conditions see it. Names match without regard to case; a list is a multivalued key. */
export type ConditionContext = Readonly<Record<string, string | readonly string[]>>
