import { describe, it } from '@jest/globals';
import { killWhileWebhooksAreSent } from './webhook-crashes.js';

describe('webhooks', () => {
  it('reach a receiver that fails, hangs and resets, from a platform that is killed 20 times', async () => {
    await killWhileWebhooksAreSent(20);
  });
});
