import { XMLParser } from 'fast-xml-parser'
import { S3Error } from './s3-error.ts'

export type XmlElement = readonly [name: string, content: XmlContent]
/** Undefined leaves the element out. */
export type XmlContent = string | number | boolean | undefined | readonly XmlElement[]

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

// Control characters are legal in keys but not in XML 1.0; S3 writes them as character references all the same.
const escapeText = (text: string): string =>
  text.replace(
    /[&<>"\p{Cc}]/gu,
    (c) => entities[c] ?? `&#x${(c.codePointAt(0) ?? 0).toString(16).toUpperCase()};`,
  )

const render = ([name, content]: XmlElement): string => {
  if (content === undefined) return ''
  const inner = typeof content === 'object' ? content.map(render).join('') : escapeText(String(content))
  return `<${name}>${inner}</${name}>`
}

/** A whole document in S3's namespace. Errors carry no namespace: pass `''`. */
export const xmlDocument = (
  [name, content]: XmlElement,
  namespace = 'http://s3.amazonaws.com/doc/2006-03-01/',
): string => {
  const body = render([name, content])
  const opened = namespace === '' ? body : body.replace(`<${name}>`, () => `<${name} xmlns="${namespace}">`)
  return `<?xml version="1.0" encoding="UTF-8"?>\n${opened}`
}

const parser = new XMLParser({
  ignoreAttributes: true,
  ignoreDeclaration: true,
  parseTagValue: false,
  trimValues: false,
  htmlEntities: true,
  isArray: (name) => name === 'Object' || name === 'Part',
})

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * Parses a request document and returns the children named `item` (`Object`, `Part`) of its root, together with the root.
 * Throws MalformedXML.
 */
export const parseItems = (
  text: string,
  rootName: string,
  item: 'Object' | 'Part',
): {
  readonly root: Readonly<Record<string, unknown>>
  readonly items: readonly Readonly<Record<string, unknown>>[]
} => {
  let document: unknown
  try {
    document = parser.parse(text, true)
  } catch (error) {
    throw new S3Error('MalformedXML', error instanceof Error ? error.message : undefined)
  }
  const root = isRecord(document) ? document[rootName] : undefined
  if (!isRecord(root)) throw new S3Error('MalformedXML')
  const items = root[item]
  if (!Array.isArray(items) || !items.every(isRecord)) throw new S3Error('MalformedXML')
  return { root, items }
}
