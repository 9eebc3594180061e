import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { PlatformProcess } from './platform-process.js';

describe('a gateway that is asked to stop', () => {
  it('serves requests for a while, says that it is not ready, and ends each connection with its answer', async () => {
    const platform = await PlatformProcess.start({ env: { RINGFENCE_DRAIN_MS: '10000' } });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const asked = async () => {
      const asking = request(`${platform.url}/health/ready`, { agent }).end();
      const [answer] = (await once(asking, 'response')) as [IncomingMessage];
      answer.resume();
      await once(answer, 'end');
      return { status: answer.statusCode, connection: answer.headers.connection };
    };
    try {
      expect(await asked()).toEqual({ status: 200, connection: 'keep-alive' });
      process.kill(platform.pid, 'SIGTERM');
      let last = await asked();
      while (last.status === 200) last = await asked();
      expect(last).toEqual({ status: 503, connection: 'close' });
      expect(await asked()).toEqual({ status: 503, connection: 'close' });
      // Who has had enough ends it at once.
      process.kill(platform.pid, 'SIGTERM');
      await platform.ended();
    } finally {
      agent.destroy();
      await platform.discard();
    }
  }, 120_000);
});
