import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { type INestApplicationContext, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  CommandBus,
  CommandHandler,
  EventBus,
  EventsHandler,
  type IEventHandler,
  type IQueryHandler,
  Query,
  QueryBus,
  QueryHandler,
} from '@nestjs/cqrs';
import type { AccountId } from '@ringfence/kernel/ids';
import { epochMs, position } from '@ringfence/kernel/units';
import { COMMAND_DISPATCHER, type CommandOutcome, type SubmittedCommand } from '@ringfence/commands/command-dispatcher';
import { CommittedEvent } from './committed-event.js';
import { parseClientKey, RequestIdentity } from '@ringfence/commands/request-identity';
import { REQUEST_BUILDERS, type RequestBuilders } from '@ringfence/requests/request-builders';
import type { CommandRequest } from '@ringfence/requests/command-request';
import { exampleAccountId, exampleKeyId } from '@ringfence/testing/examples';
import {
  type CommandBody,
  type PublicCommandName,
  publicCommandNames,
  publicCommands,
} from '@ringfence/wire/public-commands';
import { CommandsModule } from './commands.module.js';
import { type CommandContext, commandClasses } from './public-command.handlers.js';

const outcome: CommandOutcome = { accepted: true, position: position(7), result: {}, replayed: false };
const dispatched: SubmittedCommand[] = [];
const dispatcher = {
  dispatch: (command: SubmittedCommand) => {
    dispatched.push(command);
    return Promise.resolve(outcome);
  },
};
/**
 * Builders that all ask to verify the account; the fields say of which body, and by which definition.
 */
const requests = Object.fromEntries(
  publicCommandNames.map((name) => [
    name,
    (body: object, { stream }: CommandContext) =>
      Promise.resolve({
        stream,
        payload: { type: 'VerifyAccount', accountId: stream as AccountId },
        fields: { name, body: JSON.stringify(body) },
        result: {},
        secret: null,
      }),
  ]),
) as unknown as RequestBuilders;
const identity = new RequestIdentity(new Uint8Array(32));
const ports = [
  { provide: COMMAND_DISPATCHER, useValue: dispatcher },
  { provide: REQUEST_BUILDERS, useValue: requests },
  { provide: RequestIdentity, useValue: identity },
];
const clientKey = parseClientKey('order 17');
if (clientKey === undefined) throw new RangeError('a client may choose such a key');
const context: CommandContext = {
  stream: exampleAccountId,
  keyId: exampleKeyId,
  clientKey,
  principal: { kind: 'key', keyId: exampleKeyId, home: 'account' },
  mode: 'live',
  idChosenByClient: true,
  isFingerprinted: true,
  deadlineMs: epochMs(5_000),
  traceparent: null,
};

@Module({ providers: ports, exports: ports.map(({ provide }) => provide) })
class LanesModule {}

function start(providers: (new () => object)[] = []): Promise<INestApplicationContext> {
  const lanes = { module: LanesModule, global: true };
  const root = class Root {};
  Module({ imports: [lanes, CommandsModule], providers })(root);
  return NestFactory.createApplicationContext(root, { logger: false, abortOnError: false });
}

async function sent<Name extends PublicCommandName>(
  app: INestApplicationContext,
  name: Name,
  body: CommandBody<Name>,
): Promise<{ readonly type: string; readonly commandRequest: CommandRequest; readonly outcome: CommandOutcome }> {
  const command = new commandClasses[name](body, context);
  const { commandRequest, outcome: brought } = await app.get(CommandBus, { strict: false }).execute(command);
  return { type: command.constructor.name, commandRequest, outcome: brought };
}

describe('the buses', () => {
  it.each(publicCommandNames)(
    'bring %s to its lane by the handler of its definition, and its outcome back',
    async (name) => {
      const app = await start();
      const { type, commandRequest, outcome: brought } = await sent(app, name, { of: name } as never);
      expect(type).toBe(publicCommands[name].commandType);
      const { stream, principal, idChosenByClient, deadlineMs, traceparent } = context;
      const { payload, fields, result } = commandRequest;
      expect(fields).toEqual({ name, body: JSON.stringify({ of: name }) });
      expect(brought).toBe(outcome);
      const commandId = identity.commandIdFor(stream, 'live', context.clientKey);
      const fingerprint = identity.fingerprint(payload.type, fields);
      expect(dispatched.splice(0)).toEqual([
        { commandId, idChosenByClient, fingerprint, stream, principal, payload, result, deadlineMs, traceparent },
      ]);
      await app.close();
    },
  );

  it('do not start when two handlers claim one command', async () => {
    @CommandHandler(commandClasses.place_call)
    class Another {
      execute(): Promise<CommandOutcome> {
        return Promise.resolve(outcome);
      }
    }
    await expect(start([Another])).rejects.toThrow('PlaceCall is handled by');
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

  it('carry no event except those of the log: nothing can publish another, and a handler of another keeps the process from starting', async () => {
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
    await expect(start([Listener])).rejects.toThrow('Listener would never receive Something');
    @EventsHandler(CommittedEvent)
    class Undecided implements IEventHandler<CommittedEvent> {
      handle(): void {
        throw new Error('nobody calls it');
      }
    }
    await expect(start([Undecided])).rejects.toThrow('Undecided would never receive CommittedEvent');
  });
});
