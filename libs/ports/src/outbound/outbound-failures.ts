import { Failure } from '@ringfence/kernel/failure';

/** Codes of everything that can go wrong with a request to a customer's address; account owners see them. */
const outboundFailureCodes = [
  'outbound_url_invalid',
  'outbound_address_forbidden',
  'outbound_name_unresolved',
  'outbound_connect_failed',
  'outbound_tls_failed',
  'outbound_timed_out',
  'outbound_connection_lost',
  'outbound_answer_invalid',
  'outbound_answer_too_large',
] as const;
type OutboundFailureCode = (typeof outboundFailureCodes)[number];

/** The failures by code. Messages contain neither the URL nor an address: both may be personal. */
export const outboundFailures = {
  outbound_url_invalid: () =>
    new Failure('outbound_url_invalid', 'the URL is not http or https, or has credentials', false),
  /** @param range name of the kind of address, such as `loopback` */
  outbound_address_forbidden: (range: string) =>
    new Failure('outbound_address_forbidden', `the name has an address of a kind that is not allowed: ${range}`, true),
  outbound_name_unresolved: (cause?: unknown) =>
    new Failure('outbound_name_unresolved', 'the name has no address', true, { cause }),
  outbound_connect_failed: (cause?: unknown) =>
    new Failure('outbound_connect_failed', 'no connection could be made', true, { cause }),
  outbound_tls_failed: (cause?: unknown) =>
    new Failure('outbound_tls_failed', 'TLS could not be agreed on, or the certificate is not valid', true, { cause }),
  outbound_timed_out: () => new Failure('outbound_timed_out', 'there was no complete answer in time', true),
  outbound_connection_lost: (cause?: unknown) =>
    new Failure('outbound_connection_lost', 'the connection ended before the answer', true, { cause }),
  outbound_answer_invalid: (cause?: unknown) =>
    new Failure('outbound_answer_invalid', 'the answer is not HTTP, or its headers are too long', true, { cause }),
  outbound_answer_too_large: (bytesMax: number) =>
    new Failure('outbound_answer_too_large', `the answer has more than ${String(bytesMax)} bytes`, true),
} as const satisfies Readonly<Record<OutboundFailureCode, (...args: never[]) => Failure>>;

/** The code of a failure of this port; undefined: another error. */
export function outboundFailureCode(error: unknown): OutboundFailureCode | undefined {
  return error instanceof Failure ? outboundFailureCodes.find((code) => code === error.code) : undefined;
}
