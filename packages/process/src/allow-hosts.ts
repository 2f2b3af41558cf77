import { BlockList, isIP } from "node:net";
import { networkInterfaces } from "node:os";

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8);
LOOPBACK.addAddress("::1", "ipv6");

/** Whether only programs of this machine reach what listens on a name or address. */
export function isLoopback(name: string): boolean {
  const address = withoutBrackets(name);
  const version = isIP(address);
  return version === 0 ? name.toLowerCase() === "localhost" : LOOPBACK.check(address, version === 6 ? "ipv6" : "ipv4");
}

/** → a name or address as it is compared: in lower case, without a dot at its end or brackets; undefined if it is neither. */
export function hostName(text: string): string | undefined {
  const address = withoutBrackets(text);
  // The URL's parser writes every address in one way.
  if (isIP(address) === 6) return withoutBrackets(new URL(`http://[${address}]`).hostname);
  return /^[\w-]+(\.[\w-]+)*\.?$/.test(text) ? text.toLowerCase().replace(/\.$/, "") : undefined;
}

/**
 * Makes the check of a request's `Host`. A page that a browser loaded from another site can have its own name resolve to this
 * machine (DNS rebinding), and is then the same origin to that browser: only the name in `Host` still differs.
 *
 * @param listensOn the address that the server listens on, of 0.0.0.0 and :: each of this machine; it and the names of loopback may
 *   always be requested
 * @param allowed further names; undefined: on loopback none, elsewhere any
 */
export function allowHosts(listensOn: string, allowed: readonly string[] | undefined): (host: string) => boolean {
  if (allowed === undefined && !isLoopback(listensOn)) return () => true;
  const names = new Set([...addressesOf(listensOn), ...(allowed ?? [])].map(hostName));
  const mayAsk = (host: string) => {
    const name = hostName(host.replace(/:\d*$/, ""));
    return name !== undefined && (names.has(name) || isLoopback(name));
  };
  // Nearly all requests name the same host.
  let last: string | undefined;
  return (host) => {
    if (host === last) return true;
    if (!mayAsk(host)) return false;
    last = host;
    return true;
  };
}

function addressesOf(listensOn: string): readonly string[] {
  if (listensOn !== "0.0.0.0" && listensOn !== "::") return [listensOn];
  return Object.values(networkInterfaces()).flatMap((addresses = []) => addresses.map(({ address }) => address));
}

function withoutBrackets(text: string): string {
  return /^\[.*\]$/.test(text) ? text.slice(1, -1) : text;
}
