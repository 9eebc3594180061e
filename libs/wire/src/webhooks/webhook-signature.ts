import { createHmac } from 'node:crypto';

/** The prefix of a secret, as its owner has it; base64 follows. */
const secretPrefix = 'whsec_';

type Signed = {
  /** Identifies the message: the same for each of its attempts. */
  readonly id: string;
  /** Moment of this attempt. */
  readonly timestampSeconds: number;
  readonly body: string;
  /** The values that sign, the current one first; after a rotation the previous one too. Empty: nothing signs. */
  readonly secrets: readonly string[];
};

/**
 * The headers by which a receiver verifies a request. Standard Webhooks: HMAC-SHA256 of `{id}.{timestamp}.{body}`; the
 * key is the base64 after `whsec_`, decoded; a signature for each secret, separated by one space. Teler: hex
 * HMAC-SHA256 of `{timestamp}.{body}`; the key is the UTF-8 text of the current secret, with `whsec_`, as its owner has
 * it. Without a secret there is an id and a moment, and nothing to verify.
 */
export function signatureHeaders({ id, timestampSeconds, body, secrets }: Signed): Readonly<Record<string, string>> {
  const timestamp = String(timestampSeconds);
  const moments = { 'webhook-id': id, 'webhook-timestamp': timestamp, 'X-Teler-Timestamp': timestamp };
  const [current] = secrets;
  if (current === undefined) return moments;
  return {
    ...moments,
    'webhook-signature': secrets.map((secret) => standardSignature(secret, `${id}.${timestamp}.${body}`)).join(' '),
    'X-Teler-Signature': createHmac('sha256', current).update(`${timestamp}.${body}`).digest('hex'),
  };
}

function standardSignature(secret: string, content: string): string {
  const key = Buffer.from(secret.startsWith(secretPrefix) ? secret.slice(secretPrefix.length) : secret, 'base64');
  return `v1,${createHmac('sha256', key).update(content).digest('base64')}`;
}
