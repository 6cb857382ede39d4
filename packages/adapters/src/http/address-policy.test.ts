import { describe, expect, test } from 'vitest'
import { isInside, isPublicAddress, readNetworks } from './address-policy.ts'

describe('an address', () => {
  test.each([
    '8.8.8.8',
    '93.184.216.34',
    '172.32.0.1',
    '100.128.0.1',
    '169.253.255.255',
    '2606:4700:4700::1111',
    '2a00:1450:4001:80b::200e',
  ])('%s is public', (address) => {
    expect(isPublicAddress(address)).toBe(true)
  })

  test.each([
    ['this host', '0.0.0.0'],
    ['this network', '0.1.2.3'],
    ['private', '10.0.0.1'],
    ['private', '172.16.0.1'],
    ['private', '172.31.255.255'],
    ['private', '192.168.1.1'],
    ['carrier-grade NAT', '100.64.0.1'],
    ['carrier-grade NAT', '100.127.255.255'],
    ['loopback', '127.0.0.1'],
    ['loopback', '127.255.255.255'],
    ['link-local, the metadata service', '169.254.169.254'],
    ['link-local, the runtime of a task', '169.254.170.2'],
    ['protocol assignments', '192.0.0.1'],
    ['documentation', '192.0.2.1'],
    ['documentation', '198.51.100.1'],
    ['documentation', '203.0.113.1'],
    ['6to4 relay', '192.88.99.1'],
    ['benchmarking', '198.18.0.1'],
    ['benchmarking', '198.19.255.255'],
    ['multicast', '224.0.0.1'],
    ['class E', '240.0.0.1'],
    ['broadcast', '255.255.255.255'],
    ['unspecified', '::'],
    ['loopback', '::1'],
    ['IPv4-compatible', '::127.0.0.1'],
    ['IPv4-compatible of a public address', '::8.8.8.8'],
    ['IPv4-mapped', '::ffff:127.0.0.1'],
    ['IPv4-mapped of a public address', '::ffff:8.8.8.8'],
    ['IPv4-translated', '::ffff:0:127.0.0.1'],
    ['NAT64', '64:ff9b::7f00:1'],
    ['local NAT64', '64:ff9b:1::7f00:1'],
    ['discard', '100::1'],
    ['Teredo', '2001::1'],
    ['benchmarking', '2001:2::1'],
    ['ORCHID', '2001:20::1'],
    ['documentation', '2001:db8::1'],
    ['documentation', '3fff::1'],
    ['6to4 of loopback', '2002:7f00:1::1'],
    ['segment routing', '5f00::1'],
    ['unique local', 'fc00::1'],
    ['unique local, the metadata service', 'fd00:ec2::254'],
    ['link-local', 'fe80::1'],
    ['link-local with a zone', 'fe80::1%eth0'],
    ['site-local', 'fec0::1'],
    ['multicast', 'ff02::1'],
    ['unassigned', '4000::1'],
    ['no address', 'localhost'],
    ['no address', ''],
  ])('of kind %s is not public: %s', (_, address) => {
    expect(isPublicAddress(address)).toBe(false)
  })
})

describe('allowed networks', () => {
  test('hold the addresses of their own family only', () => {
    const networks = readNetworks('127.0.0.0/8, fd00::/8')
    expect(isInside('127.9.9.9', networks)).toBe(true)
    expect(isInside('fd12::1', networks)).toBe(true)
    expect(isInside('128.0.0.1', networks)).toBe(false)
    expect(isInside('::ffff:127.0.0.1', networks)).toBe(false)
    expect(isInside('localhost', networks)).toBe(false)
  })

  test('are none when the text is empty, and an error when it is wrong', () => {
    expect(readNetworks('')).toEqual([])
    for (const text of ['127.0.0.1', '127.0.0.0/33', 'all', '127.0.0.0/8,'])
      expect(() => readNetworks(text)).toThrow()
  })
})
