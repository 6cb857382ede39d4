import { describe, expect, test } from 'vitest'
import { readNetworks } from './address-policy.ts'
import { insideHosts } from './forbidden-urls.ts'
import { type Lookup, resolveTarget } from './webhook-target.ts'

const never = new AbortController().signal
const publicName: Lookup = async () => [{ address: '93.184.216.34', family: 4 }]
const noLookup: Lookup = async (host) => {
  throw new Error(`asked for ${host}`)
}
const refusalOf = async (url: string, lookup: Lookup = publicName, networks = '') => {
  const target = await resolveTarget(url, { lookup, allowedNetworks: readNetworks(networks) }, never)
  return 'refusal' in target ? target.refusal : undefined
}

describe('a URL', () => {
  test.each([
    'https://shop.example/hook',
    'https://shop.example:443/hook',
    'https://shop.example:8443/hook?a=b',
    'https://93.184.216.34/',
    'https://[2606:4700:4700::1111]/',
  ])('of a public host may be called: %s', async (url) => {
    expect(await refusalOf(url)).toBeUndefined()
  })

  test.each(Object.values(insideHosts))(
    'of a literal address inside is refused without asking a name server: %s',
    async (host) => {
      expect(await refusalOf(`https://${host}/`, noLookup)).toBe('The host must have public addresses only')
    },
  )

  test.each([
    ['http://shop.example/', 'The URL must begin with https://'],
    ['http://127.0.0.1:9001/2018-06-01/runtime/invocation/next', 'The URL must begin with https://'],
    ['file:///etc/passwd', 'The URL must begin with https://'],
    ['ftp://shop.example/', 'The URL must begin with https://'],
    ['gopher://shop.example/', 'The URL must begin with https://'],
    ['https://shop.example:22/', 'The port must be 443 or 8443'],
    ['https://shop.example:9001/', 'The port must be 443 or 8443'],
    ['https://a@127.0.0.1/', 'The URL must not hold a user or a password'],
    ['https://user:pass@shop.example/', 'The URL must not hold a user or a password'],
    ['shop.example', 'This is not a URL'],
    ['', 'This is not a URL'],
  ])('%s is refused', async (url, refusal) => {
    expect(await refusalOf(url)).toBe(refusal)
  })

  test.each([
    ['one private address', [{ address: '10.0.0.1', family: 4 }]],
    [
      'a private IPv6 beside a public IPv4 address',
      [
        { address: '93.184.216.34', family: 4 },
        { address: 'fd00::1', family: 6 },
      ],
    ],
    ['a mapped address', [{ address: '::ffff:127.0.0.1', family: 6 }]],
    ['no address at all', []],
  ])('whose name has %s is refused', async (_, addresses) => {
    expect(await refusalOf('https://shop.example/', async () => addresses)).toBe(
      'The host must have public addresses only',
    )
  })

  test('of localhost is refused by the real resolver', async () => {
    const { lookupAll } = await import('./webhook-target.ts')
    expect(await refusalOf('https://localhost/', lookupAll)).toBe('The host must have public addresses only')
  })
})

describe('allowed networks', () => {
  const loopback: Lookup = async () => [{ address: '127.0.0.1', family: 4 }]

  test('open http and every port, for addresses inside only', async () => {
    expect(await refusalOf('http://127.0.0.1:8080/', noLookup, '127.0.0.0/8')).toBeUndefined()
    expect(await refusalOf('http://receiver.local:8080/', loopback, '127.0.0.0/8')).toBeUndefined()
    expect(await refusalOf('http://shop.example/', publicName, '127.0.0.0/8')).toBeDefined()
    expect(await refusalOf('https://10.0.0.1/', noLookup, '127.0.0.0/8')).toBeDefined()
    expect(await refusalOf('ftp://127.0.0.1/', noLookup, '127.0.0.0/8')).toBeDefined()
  })

  test('are not entered by a name that also has an address outside', async () => {
    const both: Lookup = async () => [
      { address: '127.0.0.1', family: 4 },
      { address: '93.184.216.34', family: 4 },
    ]
    expect(await refusalOf('http://receiver.local:8080/', both, '127.0.0.0/8')).toBeDefined()
  })
})

test('a name server that does not answer is not waited for longer than allowed', async () => {
  const deadline = new AbortController()
  const asked = Promise.withResolvers<void>()
  const silent: Lookup = () => {
    asked.resolve()
    return new Promise(() => undefined)
  }
  const target = resolveTarget(
    'https://slow.example/',
    { lookup: silent, allowedNetworks: [] },
    deadline.signal,
  )
  await asked.promise
  deadline.abort(new Error('late'))
  await expect(target).rejects.toThrow('late')
})
