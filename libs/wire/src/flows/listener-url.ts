import { durationMs } from '@ringfence/kernel/units';

/**
 * The host of flow URLs that a listener answers (`ringfence listen`). RFC 2606 reserves `.invalid`: no name below it
 * has an address, so that such a URL never meant anything else.
 */
export const listenerHost = 'listener.invalid';

/** Time in which a listener has to answer a request of a flow, with its own attempts. */
export const listenerReplyMsMax = durationMs(15_000);

export function isListenerUrl(url: string): boolean {
  return URL.canParse(url) && new URL(url).hostname === listenerHost;
}
