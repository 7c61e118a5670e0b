import { BlockList, isIP } from "node:net";

/**
 * IPv4 outside the public internet: the special-purpose registry of IANA, and the one public address
 * at which a cloud serves its machines' metadata. The metadata services at 169.254.169.254,
 * 100.100.100.200 and 192.0.0.192 lie inside the ranges.
 */
const special4 = [
  "0.0.0.0/8", // this network
  "10.0.0.0/8", // private
  "100.64.0.0/10", // carrier-grade NAT
  "127.0.0.0/8", // loopback
  "168.63.129.16/32", // Azure's wire server
  "169.254.0.0/16", // link-local
  "172.16.0.0/12", // private
  "192.0.0.0/24", // protocol assignments
  "192.0.2.0/24", // documentation
  "192.88.99.0/24", // 6to4 relays
  "192.168.0.0/16", // private
  "198.18.0.0/15", // benchmarks
  "198.51.100.0/24", // documentation
  "203.0.113.0/24", // documentation
  "224.0.0.0/4", // multicast
  "240.0.0.0/4", // reserved, broadcast
];

/**
 * IPv6 is the other way round: only global unicast is public. That leaves out loopback, unique-local,
 * link-local and multicast addresses, and those that carry an IPv4 address (mapped, NAT64).
 */
const global6 = "2000::/3";
const special6 = [
  "2001::/23", // protocol assignments, with Teredo
  "2001:db8::/32", // documentation
  "2002::/16", // 6to4: carries an IPv4 address
  "3fff::/20", // documentation
];

const listOf = (family: "ipv4" | "ipv6", ranges: readonly string[]): BlockList => {
  const list = new BlockList();
  for (const range of ranges) {
    const [network = "", bits] = range.split("/");
    list.addSubnet(network, Number(bits), family);
  }
  return list;
};
const refused4 = listOf("ipv4", special4);
const allowed6 = listOf("ipv6", [global6]);
const refused6 = listOf("ipv6", special6);

/**
 * Whether an IP address belongs to the public internet; false for anything that is not an address.
 *
 * @example
 * isPublicAddress("151.101.3.42") // true
 * isPublicAddress("::ffff:10.0.0.1") // false
 */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !refused4.check(address, "ipv4");
    case 6: {
      if (address.includes("%")) return false; // a zone: link-local
      return allowed6.check(address, "ipv6") && !refused6.check(address, "ipv6");
    }
    default:
      return false;
  }
}
