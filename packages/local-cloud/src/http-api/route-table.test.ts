import { expect, test } from 'vitest'
import { compileRoutes } from './route-table.ts'

const table = (...keys: string[]) => compileRoutes(keys.map((routeKey) => ({ routeKey })))
const find = (keys: readonly string[], request: string) => {
  const [method = '', path = ''] = request.split(' ')
  const match = table(...keys)(method, path.slice(1).split('/'))
  return match && [match.route.routeKey, match.pathParameters]
}

const documented = [
  'GET /pets/dog/1',
  'GET /pets/dog/{id}',
  'GET /pets/{proxy+}',
  'ANY /{proxy+}',
  '$default',
] as const
test.each([
  ['GET /pets/dog/1', 'GET /pets/dog/1'],
  ['GET /pets/dog/2', 'GET /pets/dog/{id}'],
  ['GET /pets/cat/1', 'GET /pets/{proxy+}'],
  ['POST /test/5', 'ANY /{proxy+}'],
  ['GET /', '$default'],
])('AWS’s example: %s goes to %s', (request, routeKey) => {
  expect(find(documented, request)?.[0]).toBe(routeKey)
})

test.each<[string[], string, unknown]>([
  [['GET /a/{id}'], 'GET /a/7', ['GET /a/{id}', { id: '7' }]],
  [['GET /a/{x}/b/{y}'], 'GET /a/1/b/2', ['GET /a/{x}/b/{y}', { x: '1', y: '2' }]],
  [['ANY /{proxy+}'], 'GET /a/b/', ['ANY /{proxy+}', { proxy: 'a/b/' }]],
  [['GET /a', 'ANY /a'], 'GET /a', ['GET /a', {}]],
  [['ANY /a', 'GET /a'], 'GET /a', ['GET /a', {}]],
  [['ANY /a', 'GET /a'], 'POST /a', ['ANY /a', {}]],
  [['GET /a/{proxy+}', 'GET /{x}/b'], 'GET /a/b', ['GET /{x}/b', { x: 'a' }]],
  [['ANY /{proxy+}', 'ANY /a/{proxy+}'], 'GET /a/b', ['ANY /a/{proxy+}', { proxy: 'b' }]],
  [['ANY /a', 'GET /{proxy+}'], 'GET /a', ['ANY /a', {}]],
  [['GET /a', 'POST /{proxy+}'], 'POST /a', ['POST /{proxy+}', { proxy: 'a' }]],
  [['GET /a/{x}', 'GET /{y}/b'], 'GET /a/b', ['GET /a/{x}', { x: 'b' }]],
  [['GET /'], 'GET /', ['GET /', {}]],
  [['GET /a'], 'GET /a/', undefined],
  [['GET /a/'], 'GET /a', undefined],
  [['GET /a'], 'GET /A', undefined],
  [['GET /a/{id}'], 'GET /a/', undefined],
  [['GET /a/{proxy+}'], 'GET /a', undefined],
  [['GET /a'], 'POST /a', undefined],
])('with %j, %s finds %j', (keys, request, expected) => {
  expect(find(keys, request)).toEqual(expected)
})

test.each([['get /a'], ['GET a'], ['GET /{a+}/b'], ['GET /a{b}'], ['FETCH /a']])(
  'refuses the key %s',
  (key) => {
    expect(() => table(key)).toThrow(key)
  },
)

test('refuses a key that comes twice', () => {
  expect(() => table('GET /a', 'GET /a')).toThrow('comes twice')
})
