import type { Mode } from '@ringfence/domain/shared/values';

/** A POST to an address that a customer has chosen. */
export type OutboundRequest = {
  /** http or https, without credentials; anything else is refused. */
  readonly url: string;
  /** The mode of the call or setting that the request is for: the addresses that it may reach depend on it. */
  readonly mode: Mode;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The most bytes of an answer that is wanted; 0: only its status is, and its body is dropped. */
  readonly answerBytesMax: number;
};

export type OutboundAnswer = {
  /** 200–599; a redirect is an answer like any other, and is never followed. */
  readonly status: number;
  /** The header `content-type` as received; null: none. */
  readonly contentType: string | null;
  /** Empty if no body was wanted. */
  readonly body: Buffer;
};

/**
 * Client for requests to addresses that customers choose. It resolves the name itself, connects to no other address
 * than those it has checked, and refuses the request if any of them is special (private, loopback, metadata, …) and the
 * operator has not allowed it. Redirects are not followed. Time, headers and body of an answer are bounded.
 */
export interface OutboundClient {
  /**
   * Sends one request, once: a failure may mean that it was received.
   * @throws Failure of `outboundFailures`
   */
  post(request: OutboundRequest): Promise<OutboundAnswer>;
  /** Ends requests in progress with `outbound_connection_lost`. */
  close(): Promise<void>;
}
