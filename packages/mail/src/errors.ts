/** What a visitor did that cannot be done; the message is a sentence to show as it stands. */
export class RequestError extends Error {
  override readonly name: string = "RequestError";
}

/** How the operator configured mail wrongly. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
}

/**
 * Why a message was not sent:
 * - `recipient`: the server refuses this address for good (5xx).
 * - `refused`: the server refuses for good, for a reason that lies with us or with the content (5.7.x).
 * - `temporary`: this message may be tried again later (4xx).
 * - `unavailable`: nothing can be sent now: network, TLS, login, our sender refused, or the provider
 *   throttles. The message was certainly not accepted.
 * - `unknown`: the connection ended after the message was handed over and before the server's answer.
 *   It may or may not have been accepted.
 */
export type FailureKind = "recipient" | "refused" | "temporary" | "unavailable" | "unknown";

export class SendError extends Error {
  override readonly name = "SendError";
  readonly kind: FailureKind;

  constructor(kind: FailureKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}
