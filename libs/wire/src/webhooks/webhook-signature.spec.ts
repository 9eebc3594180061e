import { createHmac, randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';
import { signatureHeaders } from './webhook-signature.js';

const secret = () => `whsec_${randomBytes(24).toString('base64')}`;
const [current, previous, stranger] = [secret(), secret(), secret()];
const body = JSON.stringify({ id: 'evt_1', data: { name: 'Zoë' } });
const timestampSeconds = Math.floor(Date.now() / 1_000);
const signedWith = (secrets: readonly string[]) => signatureHeaders({ id: 'evt_1', timestampSeconds, body, secrets });

describe('the signature of a webhook', () => {
  it('is one that Standard Webhooks verifies, with either secret of an overlap', () => {
    const headers = signedWith([current, previous]);
    for (const each of [current, previous]) expect(new Webhook(each).verify(body, headers)).toEqual(JSON.parse(body));
    expect(() => new Webhook(stranger).verify(body, headers)).toThrow(WebhookVerificationError);
    expect(() => new Webhook(previous).verify(body, signedWith([current]))).toThrow(WebhookVerificationError);
    expect(() => new Webhook(current).verify(`${body} `, headers)).toThrow(WebhookVerificationError);
  });

  it('has one space between two signatures, and none elsewhere', () => {
    expect(signedWith([current, previous])['webhook-signature']).toMatch(/^v1,[\w+/=]{44} v1,[\w+/=]{44}$/);
  });

  it('is in Teler’s form made with the text of the current secret', () => {
    const headers = signedWith([current, previous]);
    const signed = `${headers['X-Teler-Timestamp'] ?? ''}.${body}`;
    expect(headers['X-Teler-Signature']).toBe(createHmac('sha256', current).update(signed).digest('hex'));
  });

  it('is left out where there is no secret: the id and the moment remain', () => {
    expect(signedWith([])).toEqual({
      'webhook-id': 'evt_1',
      'webhook-timestamp': String(timestampSeconds),
      'X-Teler-Timestamp': String(timestampSeconds),
    });
  });
});
