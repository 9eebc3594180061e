import { signatureHeaders } from '@ringfence/wire/webhooks/webhook-signature';
import { replyBytesMax } from '@ringfence/wire/flows/teler-reply';

/** Reasons why there is no answer; codes of the API. */
type ForwardingError = 'connection_failed' | 'request_timed_out' | 'reply_too_large';
export type Forwarded = {
  readonly status: number | null;
  readonly error: ForwardingError | null;
  /** The body of the answer, if it was wanted. */
  readonly body: string;
  readonly latencyMs: number;
};

type Forwarding = {
  readonly target: string;
  /** Identifies the message: the same for each attempt. */
  readonly id: string;
  readonly body: string;
  readonly secret: string;
  readonly withinMs: number;
  readonly wantsAnswer: boolean;
  readonly headers?: Readonly<Record<string, string>>;
};

/** Posts a message to the target, signed with the time of this attempt. A redirect is an answer, and not followed. */
export async function forwardOnce(forwarding: Forwarding): Promise<Forwarded> {
  const { target, id, body, secret, withinMs, wantsAnswer, headers = {} } = forwarding;
  const timestampSeconds = Math.floor(Date.now() / 1_000);
  const beganMs = performance.now();
  const none = (error: ForwardingError): Forwarded => ({ status: null, error, body: '', latencyMs: since(beganMs) });
  try {
    const answer = await fetch(target, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'user-agent': 'Ringfence-Listen/1',
        ...headers,
        ...signatureHeaders({ id, timestampSeconds, body, secrets: [secret] }),
      },
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(withinMs),
    });
    const { status } = answer;
    const text = wantsAnswer ? await textWithin(answer, replyBytesMax) : '';
    if (!wantsAnswer) await answer.body?.cancel();
    if (text === undefined) return none('reply_too_large');
    return { status, error: null, body: text, latencyMs: since(beganMs) };
  } catch (failure) {
    return none(
      failure instanceof DOMException && failure.name === 'TimeoutError' ? 'request_timed_out' : 'connection_failed',
    );
  }
}

async function textWithin({ body }: Response, bytesMax: number): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  if (body === null) return '';
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > bytesMax) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function since(beganMs: number): number {
  return Math.round(performance.now() - beganMs);
}
