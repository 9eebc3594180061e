import { createHash, createHmac } from 'node:crypto';

/** Names and values of a form or a query, in any order; a name may repeat. */
export type TwilioParameters = readonly (readonly [name: string, value: string])[];

/**
 * The value of `X-Twilio-Signature`, as the validators of the stock packages compute it: HMAC-SHA1 of the URL, followed
 * by each parameter of a posted form, keyed with the webhook secret in its text form.
 *
 * @param parameters those of a POST with a form; none for GET and the handshake of a WebSocket
 */
export function twilioSignature(secret: string, url: string, parameters: TwilioParameters): string {
  const hmac = createHmac('sha1', secret).update(signedUrl(url));
  for (const [name, value] of inOrder(parameters)) hmac.update(name).update(value);
  return hmac.digest('base64');
}

/** The URL of a request with a JSON body, which is signed by its digest in the query. */
export function urlWithBodyDigest(url: string, body: string): string {
  const digest = createHash('sha256').update(body).digest('hex');
  return `${url}${url.includes('?') ? '&' : '?'}bodySHA256=${digest}`;
}

const schemeAndHost = /^(https|wss)(:\/\/(?:\[[^\]]*\]|[^/?#:]*)):(\d+)(?=$|[/?#])/;

/**
 * The form of a URL that every validator tries: as written, without the port that its scheme implies. A validator of a
 * `wss` URL tries it without any port alone.
 */
function signedUrl(url: string): string {
  return url.replace(schemeAndHost, (written, scheme: string, host: string, port: string) =>
    scheme === 'wss' || port === '443' ? `${scheme}${host}` : written,
  );
}

/** Names in the order of their code points; of a repeated name each value once, in order. */
function inOrder(parameters: TwilioParameters): TwilioParameters {
  const valuesOf = new Map<string, Set<string>>();
  for (const [name, value] of parameters) {
    const values = valuesOf.get(name) ?? new Set();
    valuesOf.set(name, values.add(value));
  }
  return [...valuesOf.keys()]
    .sort(byCodePoint)
    .flatMap((name) => [...(valuesOf.get(name) ?? [])].sort(byCodePoint).map((value) => [name, value] as const));
}

function byCodePoint(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}
