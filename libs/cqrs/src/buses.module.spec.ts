import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { type INestApplicationContext, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  CommandBus,
  CommandHandler,
  EventBus,
  EventsHandler,
  type ICommandHandler,
  type IEventHandler,
  type IQueryHandler,
  Query,
  QueryBus,
  QueryHandler,
} from '@nestjs/cqrs';
import { position } from '@ringfence/kernel/units';
import { COMMAND_DISPATCHER, type CommandOutcome, type SubmittedCommand } from '@ringfence/commands/command-dispatcher';
import { CommittedEvent } from './committed-event.js';
import { CommandsModule } from './commands.module.js';
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

  it('do not start when two handlers claim one command', async () => {
    @CommandHandler(SubmitCommand)
    class Another implements ICommandHandler<SubmitCommand> {
      execute(): Promise<CommandOutcome> {
        return Promise.resolve(outcome);
      }
    }
    await expect(start([Another])).rejects.toThrow('SubmitCommand is handled by');
  });

  it('bring a query to its handler, and do not start when two handlers claim it', async () => {
    class HowMany extends Query<number> {}
    @QueryHandler(HowMany)
    class Seven implements IQueryHandler<HowMany> {
      execute(): Promise<number> {
        return Promise.resolve(7);
      }
    }
    @QueryHandler(HowMany)
    class Eight implements IQueryHandler<HowMany> {
      execute(): Promise<number> {
        return Promise.resolve(8);
      }
    }
    const app = await start([Seven]);
    expect(await app.get(QueryBus, { strict: false }).execute(new HowMany())).toBe(7);
    await app.close();
    await expect(start([Seven, Eight])).rejects.toThrow('HowMany is handled by Seven and Eight');
  });

  it('carry no event but those of the log: nobody can publish one, and whoever would wait for one keeps the process from starting', async () => {
    class Something {}
    @EventsHandler(Something)
    class Listener implements IEventHandler<Something> {
      handle(): void {
        throw new Error('nobody calls it');
      }
    }
    const app = await start();
    expect(() => {
      app.get(EventBus, { strict: false }).publish(new Something());
    }).toThrow('what the log holds');
    await app.close();
    await expect(start([Listener])).rejects.toThrow('Listener would never hear of Something');
    @EventsHandler(CommittedEvent)
    class Undecided implements IEventHandler<CommittedEvent> {
      handle(): void {
        throw new Error('nobody calls it');
      }
    }
    await expect(start([Undecided])).rejects.toThrow('Undecided would never hear of CommittedEvent');
  });
});
