/** Trending papers by mail: subscriptions, digests, and their delivery. */
export { type Address, type Mailbox, parseAddress } from "./addresses.ts";
export { type Recovered, recover } from "./claims.ts";
export { type Clock, systemClock } from "./clock.ts";
export { type Delivered, type DeliverOptions, deliver } from "./deliver.ts";
export { type Built, buildDigest, type Issue } from "./digest.ts";
export { ConfigurationError, type FailureKind, RequestError, SendError } from "./errors.ts";
export { linkUrl, type Purpose } from "./links.ts";
export {
  change,
  confirm,
  look,
  type Outcome,
  revokeLinks,
  type Subscription,
  type Tokens,
  unsubscribe,
} from "./management.ts";
export { type DigestRun, dueIssue, runDigests } from "./schedule.ts";
export {
  type Circumstances,
  forgetUnconfirmed,
  type SubscriptionRequest,
  subscribe,
} from "./subscriptions.ts";
export type { Choice, Frequency } from "./templates/choice.ts";
export {
  folderTransport,
  listMail,
  readMail,
  type Session,
  type StoredMail,
  smtpTransport,
  type Transport,
  type TransportSettings,
  transportFrom,
  type WholeMail,
} from "./transport/index.ts";
