import { EventSourceParserStream } from 'eventsource-parser/stream';
import { setTimeout as pause } from 'node:timers/promises';
import { cliFailures } from '../failures.js';
import { rootOf } from '../login/credentials.js';
import { refusalIn } from './api-client.js';

export type StreamedEvent = { readonly id: string | undefined; readonly type: string; readonly data: string };

export type Followed = {
  /** The server's root, or the address of its API. */
  readonly url: string;
  readonly apiKey: string;
  /** Path below `/api/v1`, with its query. */
  readonly path: string;
  /** The id of the last event that is known. */
  readonly after: string | undefined;
  /** Called when the connection was lost, before the next attempt. */
  readonly onLost: () => void;
  /** Called each time the stream has begun. */
  readonly onConnected?: (() => void) | undefined;
};

/** Pause before another attempt to connect. */
const reconnectMs = 2_000;

/**
 * The events of a stream, over any number of connections, until the server says that there are no more.
 * @throws Failure `server_unreachable` (retryable) if the first connection fails; Failure with the server's own code
 *   for a refusal
 */
export async function* followStream({
  url,
  apiKey,
  path,
  after,
  onLost,
  onConnected,
}: Followed): AsyncGenerator<StreamedEvent> {
  let last = after;
  for (let attempt = 0; ; attempt += 1) {
    const headers = {
      'x-api-key': apiKey,
      accept: 'text/event-stream',
      ...(last === undefined ? {} : { 'last-event-id': last }),
    };
    try {
      const answer = await fetch(`${rootOf(url)}/api/v1${path}`, { headers });
      if (answer.status === 204) return;
      const events = await eventsOf(answer);
      onConnected?.();
      for await (const event of events) {
        last = event.id ?? last;
        yield { id: event.id, type: event.event ?? 'message', data: event.data };
      }
    } catch (failure) {
      // Node's fetch, and the body that it gives, fail with a TypeError where the connection does.
      if (!(failure instanceof TypeError)) throw failure;
      if (attempt === 0) throw cliFailures.server_unreachable(url, failure);
    }
    onLost();
    await pause(reconnectMs);
  }
}

async function eventsOf(answer: Response) {
  if (!answer.ok) {
    const body: unknown = await answer.json().catch(() => ({}));
    const refusal = refusalIn({ status: answer.status, body, headers: answer.headers });
    throw cliFailures.server_refused(...refusal, answer.status === 429 || answer.status === 503);
  }
  const isStream = answer.headers.get('content-type')?.startsWith('text/event-stream') === true;
  if (answer.body === null || !isStream) throw cliFailures.server_answer_unreadable('it is no stream of events');
  return answer.body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
}
