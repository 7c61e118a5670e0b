/** What a failure of SMTP means for the message, for the address, and for everything else to be sent. */
import { type FailureKind, SendError } from "../errors.ts";
import { shorten, tidy } from "../templates/words.ts";

/** What Nodemailer's errors say of a failure. */
interface Failure extends Error {
  readonly code?: string;
  /** The command that failed, "RCPT TO" or "DATA" among others. */
  readonly command?: string;
  /** The server's whole answer, if there is one. */
  readonly response?: string;
  readonly responseCode?: number;
  /** Of an answer: refused for good. */
  readonly permanent?: boolean;
}

/** Answers to these are about one message; to all others they are about us. */
const aboutMessage = new Set(["RCPT TO", "DATA"]);

/** How providers say that everything must go slower, beside the code 421. */
const throttled =
  /^4\d\d[ -]4\.(3\.2|4\.5|7\.28)\b|throttl|rate.?limit|too (many|fast)|try again at a slower/i;

/** Enhanced codes (RFC 3463) of refusals that are no fault of the address: system, content, policy. */
const notTheAddress = /^5\d\d[ -]5\.[367]\.\d/;

/**
 * Reads a failure.
 *
 * @param handedOver whether the message had been given away when it failed
 */
export function sendErrorOf(error: unknown, { handedOver }: { handedOver: boolean }): SendError {
  const failure: Failure = error instanceof Error ? error : new Error(String(error));
  const said = failure.response ?? `${failure.code ?? failure.name} ${failure.message}`;
  const where = failure.command === undefined ? "" : `${failure.command}: `;
  return new SendError(kindOf(failure, handedOver), shorten(tidy(where + said), 300), {
    cause: error,
  });
}

function kindOf(failure: Failure, handedOver: boolean): FailureKind {
  const { command = "", response = "", responseCode, permanent } = failure;
  if (responseCode === undefined) {
    if (failure.code === "EMESSAGE") return "refused"; // longer than the server allows
    return handedOver ? "unknown" : "unavailable";
  }
  if (!aboutMessage.has(command) || responseCode === 421 || throttled.test(response)) {
    return "unavailable";
  }
  if (!permanent) return "temporary";
  return notTheAddress.test(response) ? "refused" : "recipient";
}
