/**
 * What Stryker leaves alone in every package: the words of errors and refusals. A test that compared them would fail when somebody says the same thing
 * better; what callers decide by, a class or a code, is mutated. Named in the packages' stryker.config.json.
 */
const words = {
  kind: 'Ignore',
  name: 'messages',
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

export const strykerPlugins = [words]
