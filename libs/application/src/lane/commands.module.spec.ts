import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { type INestApplicationContext, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CommandBus, CommandHandler, EventBus, type ICommandHandler } from '@nestjs/cqrs';
import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import { position } from '@ringfence/kernel/units';
import { COMMAND_DISPATCHER, type CommandOutcome, type SubmittedCommand } from './command-dispatcher.js';
import { CommandsModule, CommittedEvent, CommittedFeed } from './commands.module.js';
import { SubmitCommand } from './submit-command.handlers.js';

const outcome: CommandOutcome = { accepted: true, position: position(7), result: {}, replayed: false };
const dispatched: SubmittedCommand[] = [];
const dispatcher = {
  dispatch: (command: SubmittedCommand) => {
    dispatched.push(command);
    return Promise.resolve(outcome);
  },
};

@Module({ providers: [{ provide: COMMAND_DISPATCHER, useValue: dispatcher }], exports: [COMMAND_DISPATCHER] })
class LanesModule {}

function start(providers: (new () => object)[] = []): Promise<INestApplicationContext> {
  const lanes = { module: LanesModule, global: true };
  const root = class Root {};
  Module({ imports: [lanes, CommandsModule], providers })(root);
  return NestFactory.createApplicationContext(root, { logger: false, abortOnError: false });
}

describe('the buses', () => {
  it('bring a command to the lanes, and its outcome back', async () => {
    const app = await start();
    const submitted = { commandId: 'pay-1' } as unknown as SubmittedCommand;
    expect(await app.get(CommandBus, { strict: false }).execute(new SubmitCommand(submitted))).toBe(outcome);
    expect(dispatched).toEqual([submitted]);
    await app.close();
  });

  it('tell event handlers what is committed, and let nobody else publish', async () => {
    const app = await start();
    const bus = app.get(EventBus, { strict: false });
    const heard: unknown[] = [];
    bus.subject$.subscribe((event) => heard.push(event));
    const committed = { position: position(3) } as unknown as RecordedEnvelope;
    const source = {
      subscribe: async function* () {
        await Promise.resolve();
        yield [];
        yield [committed];
      },
    };
    await app.get(CommittedFeed, { strict: false }).follow(source, position(3), new AbortController().signal);
    expect(heard).toEqual([new CommittedEvent(committed)]);
    expect(() => {
      bus.publish(new CommittedEvent(committed));
    }).toThrow('committed feed alone');
    await app.close();
  });

  it('do not start when two handlers claim one command', async () => {
    @CommandHandler(SubmitCommand)
    class Another implements ICommandHandler<SubmitCommand> {
      execute(): Promise<CommandOutcome> {
        return Promise.resolve(outcome);
      }
    }
    await expect(start([Another])).rejects.toThrow('SubmitCommand is handled by');
  });
});
