import 'reflect-metadata';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Module } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { once } from 'node:events';
import { Agent, type IncomingMessage, request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { createHttpServer } from '../server.js';

const held: (() => void)[] = [];
let heldOne: () => void = () => undefined;

@Controller('spec')
class SpecController {
  @Get('quick')
  quick(): object {
    return { quick: true };
  }

  /** Answers when the test says so. */
  @Get('held')
  async held(): Promise<object> {
    await new Promise<void>((resolve) => {
      held.push(resolve);
      heldOne();
    });
    return { held: true };
  }
}

@Module({ controllers: [SpecController] })
class SpecModule {}

describe('a server that is about to stop', () => {
  let app: NestFastifyApplication;
  let leaving: boolean;
  /** One connection, kept open. */
  let agent: Agent;

  beforeEach(async () => {
    leaving = false;
    agent = new Agent({ keepAlive: true, maxSockets: 1 });
    app = await createHttpServer({
      module: { module: SpecModule },
      trustedProxies: [],
      metrics: { rejected: () => undefined, answered: () => undefined },
      isLeaving: () => leaving,
      onFault: (fault) => {
        throw fault;
      },
      logger: { log: () => undefined, warn: () => undefined, error: () => undefined },
    });
    await app.listen(0, '127.0.0.1');
  });
  afterEach(async () => {
    for (const answer of held.splice(0)) answer();
    agent.destroy();
    await app.close();
  });

  async function ask(path: string) {
    const asked = httpRequest(`${await app.getUrl()}/spec/${path}`, { agent }).end();
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    answer.resume();
    await once(answer, 'end');
    return { status: answer.statusCode, connection: answer.headers.connection, reused: asked.reusedSocket };
  }

  it('ends each connection with its next answer, and takes new ones', async () => {
    expect(await ask('quick')).toMatchObject({ status: 200, connection: 'keep-alive' });
    leaving = true;
    expect(await ask('quick')).toEqual({ status: 200, connection: 'close', reused: true });
    expect(await ask('quick')).toEqual({ status: 200, connection: 'close', reused: false });
    expect((await ask('nowhere')).connection).toBe('close');
  });

  it('answers what it has begun when it listens no more', async () => {
    const begun = new Promise<void>((resolve) => (heldOne = resolve));
    const answer = ask('held');
    await begun;
    leaving = true;
    const closed = app.close();
    held.pop()?.();
    expect(await answer).toMatchObject({ status: 200, connection: 'close' });
    await closed;
  });

  it('does not wait for a connection on which nothing was sent', async () => {
    const accepted = once(app.getHttpServer(), 'connection');
    const socket = connect(Number(new URL(await app.getUrl()).port), '127.0.0.1').setEncoding('utf8');
    let said = '';
    socket.on('data', (text: string) => (said += text));
    await accepted;
    await Promise.all([once(socket, 'close'), app.close()]);
    // One that it had waited for would have been answered 408.
    expect(said).toBe('');
  });
});
