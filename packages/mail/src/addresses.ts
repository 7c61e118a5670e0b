/** Addresses of people: which ones are taken, how they are written, when two are the same. */
import { domainToASCII } from "node:url";
import { ConfigurationError, RequestError } from "./errors.ts";

export interface Address {
  /** To write to: the local part as given, the domain in lower-case ASCII. */
  readonly email: string;
  /** Equal for addresses taken to be the same mailbox. */
  readonly key: string;
}

/** An address with the name shown beside it. */
export interface Mailbox {
  readonly name: string;
  readonly address: string;
}

/** Lengths in octets, RFC 5321 4.5.3.1; a path of 256 holds an address of 254 in angle brackets. */
const longest = { address: 254, local: 64, domain: 253 };

const atom = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+";
const dotAtom = new RegExp(`^${atom}(?:\\.${atom})*$`);
const label = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
const domainName = new RegExp(`^(?:${label}\\.)+${label}$`);
/** ASCII that has no place in a domain: tested before IDNA, which maps or decodes some of it away. */
const foreignToDomains = /(?![\u0080-\u{10ffff}])[^A-Za-z0-9.-]/u;

const refused = (why: string) =>
  new RequestError(`This is not an address we can write to: ${why}.`);

/**
 * Reads one address, `local@domain`. Quoted local parts, letters outside ASCII before the @, addresses
 * of numeric hosts, lists and display names are refused: whatever is returned may stand in a header or
 * an SMTP command as it is.
 *
 * @throws RequestError saying what is wrong
 *
 * @example
 * parseAddress("Ada@Bücher.example") // { email: "Ada@xn--bcher-kva.example", key: "ada@xn--bcher-kva.example" }
 */
export function parseAddress(text: string): Address {
  // Cut before anything scans it; no valid address is longer in UTF-16 units than in octets.
  if (text.length > 2 * longest.address) throw refused("it is too long");
  const trimmed = text.replace(/^ +| +$/g, "");
  const at = trimmed.lastIndexOf("@");
  if (at < 0) throw refused("there is no @ in it");
  const local = trimmed.slice(0, at);
  if (local.length > longest.local) throw refused("what stands before the @ is too long");
  if (!dotAtom.test(local)) {
    throw refused("before the @ may stand letters from a to z, digits and .!#$%&'*+/=?^_`{|}~-");
  }
  const domain = asciiDomain(trimmed.slice(at + 1));
  const email = `${local}@${domain}`;
  if (email.length > longest.address) throw refused("it is too long");
  return { email, key: email.toLowerCase() };
}

function asciiDomain(given: string): string {
  const ascii = foreignToDomains.test(given) ? "" : domainToASCII(given).toLowerCase();
  if (ascii === "" || ascii.length > longest.domain || !domainName.test(ascii)) {
    throw refused("what stands after the @ is not a domain such as example.org");
  }
  // Numbers in the last place make an IPv4 address of it, not a name.
  if (/^\d+$/.test(ascii.slice(ascii.lastIndexOf(".") + 1))) {
    throw refused("what stands after the @ is a number, not a domain");
  }
  return ascii;
}

/**
 * Reads the operator's sender: `Name <local@domain>` or the address alone.
 *
 * @throws ConfigurationError naming the setting
 */
export function parseMailbox(text: string, setting: string): Mailbox {
  const parts = /^(?:"?([^"<>\p{Cc}]*?)"?\s*<([^<>]*)>|([^<>]*))$/u.exec(text.trim());
  if (parts === null) throw new ConfigurationError(`${setting}: expected Name <address>`);
  try {
    const { email } = parseAddress(parts[2] ?? parts[3]);
    return { name: (parts[1] ?? "").trim(), address: email };
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    throw new ConfigurationError(`${setting}: ${error.message}`, { cause: error });
  }
}
