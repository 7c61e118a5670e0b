/** How often an address may be written to because somebody typed it into a form. */
import { hour } from "./clock.ts";

/** Mails an address and hour. */
export const requestLimit = 3;

/**
 * One more request for an address.
 *
 * @param requests when there were some
 * @returns those of the last hour with the new one; undefined if there were enough
 */
export function withRequest(requests: readonly Date[], now: Date): Date[] | undefined {
  const recent = requests.filter((time) => time.getTime() > now.getTime() - hour);
  return recent.length < requestLimit ? [...recent, now] : undefined;
}
