import { type LookupAddress, lookup as systemLookup } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import { buildConnector } from "undici";
import { SourceError } from "./errors.ts";
import { isPublicAddress } from "./publicAddress.ts";

/** Addresses of a host name. */
export type Resolve = (hostname: string) => Promise<readonly LookupAddress[]>;

const systemResolve: Resolve = (hostname) =>
  new Promise((resolve, reject) =>
    systemLookup(hostname, { all: true }, (error, addresses) =>
      error ? reject(error) : resolve(addresses),
    ),
  );

/**
 * A connector of undici that opens sockets to public addresses only.
 *
 * The addresses judged are the very ones the socket connects to, so a name that resolves to something
 * else a moment later (DNS rebinding) gains nothing.
 *
 * @param allowPrivate origins that are exempt, e.g. `http://127.0.0.1:8080`
 * @param timeout milliseconds to connect, TLS included
 */
export function guardedConnector(
  allowPrivate: readonly string[],
  timeout: number,
  resolve: Resolve = systemResolve,
): buildConnector.connector {
  const settings = { timeout, allowH2: false };
  const guarded = buildConnector({ ...settings, lookup: lookupFor(resolve, isPublicAddress) });
  const open = buildConnector({ ...settings, lookup: lookupFor(resolve, () => true) });
  return (options, callback) => {
    if (allowPrivate.includes(originOf(options))) return open(options, callback);
    // No look-up happens for a literal address.
    const literal = isIP(options.hostname) !== 0;
    if (literal && !isPublicAddress(options.hostname))
      return callback(refusal(options.hostname, [options.hostname]), null);
    return guarded(options, callback);
  };
}

const originOf = ({ protocol, host, hostname, port }: buildConnector.Options): string =>
  new URL(`${protocol}//${host ?? (port === "" ? hostname : `${hostname}:${port}`)}`).origin;

/** A look-up for sockets that gives them the allowed ones of a host's addresses, or an error. */
function lookupFor(resolve: Resolve, isAllowed: (address: string) => boolean): LookupFunction {
  return (hostname, { all }, callback) => {
    resolve(hostname).then(
      (addresses) => {
        const allowed = addresses.filter(({ address }) => isAllowed(address));
        const [first] = allowed;
        if (first === undefined) callback(refusal(hostname, addresses.map(addressOf)), [], 0);
        else if (all) callback(null, allowed);
        else callback(null, first.address, first.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, [], 0),
    );
  };
}

const addressOf = ({ address }: LookupAddress): string => address;

function refusal(host: string, addresses: readonly string[]): SourceError {
  const where = addresses.length === 0 ? "no address" : addresses.join(", ");
  return new SourceError(`resolves to ${where}; only public addresses are fetched from`, { host });
}
