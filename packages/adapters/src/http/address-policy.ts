import ipaddr from 'ipaddr.js'

/** An address block, as `ipaddr.parseCIDR` gives it. */
export type Network = ReturnType<typeof ipaddr.parseCIDR>

/** Reads `10.0.0.0/8,fd00::/8`; the empty text is no network. @throws Error for anything else. */
export const readNetworks = (text: string): readonly Network[] =>
  text === '' ? [] : text.split(',').map((block) => ipaddr.parseCIDR(block.trim()))

/** All of IPv6 that is handed out as public (IANA, "IPv6 Global Unicast Address Assignments"); `::127.0.0.1` for one lies outside. */
const globalUnicast = ipaddr.parseCIDR('2000::/3')

/** Whether an address is one of the public internet: unicast, and no form that carries or translates to another address. */
export const isPublicAddress = (address: string): boolean => {
  if (!ipaddr.isValid(address)) return false
  const parsed = ipaddr.parse(address)
  return parsed.range() === 'unicast' && (parsed.kind() === 'ipv4' || parsed.match(globalUnicast))
}

/** Whether an address lies in one of the networks. */
export const isInside = (address: string, networks: readonly Network[]): boolean => {
  if (!ipaddr.isValid(address)) return false
  const parsed = ipaddr.parse(address)
  return networks.some((network) => parsed.kind() === network[0].kind() && parsed.match(network))
}
