/**
 * What Stryker leaves alone in every package: the words of an error. A test that compared them would fail when somebody says the same thing better;
 * what callers decide by, an error's class and code, is mutated. Named in the packages' stryker.config.json.
 */
const words = {
  kind: 'Ignore',
  name: 'messages',
  value: {
    shouldIgnore(path) {
      if (!path.isStringLiteral() && !path.isTemplateLiteral()) return undefined
      const { parent } = path
      const isMessage = parent.type === 'NewExpression' && /Error$|Gap$|Event$/.test(parent.callee.name ?? '')
      return isMessage ? 'the words of an error' : undefined
    },
  },
}

export const strykerPlugins = [words]
