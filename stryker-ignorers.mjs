// What Stryker leaves alone in every package; named in the packages' stryker.config.json.

/**
 * The words of errors and refusals. A test that compared them would fail when somebody says the same thing better; what callers decide by, a class or a
 * code, is mutated.
 */
const words = {
  kind: 'Ignore',
  name: 'words',
  value: {
    shouldIgnore(path) {
      if (!path.isStringLiteral() && !path.isTemplateLiteral()) return undefined
      const { node, parent } = path
      const called = parent.callee?.name ?? ''
      if (parent.type === 'NewExpression' && /Error$|Gap$|Event$/.test(called)) return 'the words of an error'
      if (called === 'refused' && parent.arguments[1] === node) return 'the words of a refusal'
      return undefined
    },
  },
}

/** The end of a switch over a union, `satisfies never`: the compiler tests that it is never reached, and nothing else can. */
const never = {
  kind: 'Ignore',
  name: 'never',
  value: {
    shouldIgnore(path) {
      if (!path.isSwitchCase() || path.node.test !== null) return undefined
      const [statement] = path.node.consequent
      const value = statement?.argument ?? statement?.expression
      return value?.type === 'TSSatisfiesExpression' && value.typeAnnotation.type === 'TSNeverKeyword'
        ? 'cannot be reached'
        : undefined
    },
  },
}

export const strykerPlugins = [words, never]
