import { Inject, type Type } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import {
  COMMAND_DISPATCHER,
  type CommandDispatcher,
  type CommandOutcome,
} from '@ringfence/commands/command-dispatcher';
import { RequestIdentity } from '@ringfence/commands/request-identity';
import type { Mode, Principal } from '@ringfence/domain/shared/values';
import type { EpochMs } from '@ringfence/kernel/units';
import type { CommandRequest, RequestContext, RequestOf } from '@ringfence/requests/command-request';
import { REQUEST_BUILDERS, type RequestBuilders } from '@ringfence/requests/request-builders';
import {
  type CommandBody,
  type PublicCommandName,
  publicCommandNames,
  publicCommands,
} from '@ringfence/wire/public-commands';

/** The principal of a command, its stream and its deadline. */
export type CommandContext = RequestContext & {
  readonly principal: Principal;
  /** The mode of the presented key; null: an operator's key, which has access to both modes. */
  readonly mode: Mode | null;
  readonly idChosenByClient: boolean;
  /** true: a repeated request is compared with the first one. */
  readonly isFingerprinted: boolean;
  readonly deadlineMs: EpochMs;
  readonly traceparent: string | null;
};

/** The outcome of a command, and the request that was built from its body. */
export type DecidedCommand<Name extends PublicCommandName> = {
  readonly commandRequest: RequestOf<Name>;
  readonly outcome: CommandOutcome;
};

/** A command of the public catalogue on the bus, where each definition has a class of its own. */
abstract class BusCommand<Name extends PublicCommandName> extends Command<DecidedCommand<Name>> {
  constructor(
    readonly body: CommandBody<Name>,
    readonly context: CommandContext,
  ) {
    super();
  }
}

type BusCommandClass<Name extends PublicCommandName> = new (
  body: CommandBody<Name>,
  context: CommandContext,
) => BusCommand<Name>;

/** The classes of the commands, by the names of their definitions. */
export const commandClasses = Object.fromEntries(publicCommandNames.map((name) => [name, classOf(name)])) as {
  readonly [Name in PublicCommandName]: BusCommandClass<Name>;
}; // each name has its own class

function classOf<Name extends PublicCommandName>(name: Name): BusCommandClass<Name> {
  return named(publicCommands[name].commandType, class extends BusCommand<Name> {});
}

/** Builds the request from a body and dispatches it to the lane of its stream. */
abstract class BusCommandHandler<Name extends PublicCommandName> implements ICommandHandler<BusCommand<Name>> {
  protected abstract readonly name: Name;

  constructor(
    @Inject(REQUEST_BUILDERS) private readonly requests: RequestBuilders,
    @Inject(RequestIdentity) private readonly identity: RequestIdentity,
    @Inject(COMMAND_DISPATCHER) private readonly lanes: CommandDispatcher,
  ) {}

  /** @throws InvalidField; Failure as the vault's, the store's and the dispatcher's */
  async execute({ body, context }: BusCommand<Name>): Promise<DecidedCommand<Name>> {
    const commandRequest: RequestOf<Name> = await this.requests[this.name](body, context);
    const { stream, payload, fields, result }: CommandRequest = commandRequest;
    const outcome = await this.lanes.dispatch({
      commandId: this.identity.commandIdFor(stream, context.mode, context.clientKey),
      idChosenByClient: context.idChosenByClient,
      fingerprint: context.isFingerprinted ? this.identity.fingerprint(payload.type, fields) : noFingerprint,
      stream,
      principal: context.principal,
      payload,
      result,
      deadlineMs: context.deadlineMs,
      traceparent: context.traceparent,
    });
    return { commandRequest, outcome };
  }
}

const noFingerprint = new Uint8Array(0);

function handlerOf<Name extends PublicCommandName>(name: Name): Type<BusCommandHandler<Name>> {
  const handler = named(
    `${publicCommands[name].commandType}Handler`,
    class extends BusCommandHandler<Name> {
      protected readonly name = name;
    },
  );
  CommandHandler(commandClasses[name])(handler);
  return handler;
}

/** One handler for each definition. */
export const commandHandlers: readonly Type[] = publicCommandNames.map((name) => handlerOf(name));

/** Gives a class a name for error messages. */
function named<Class extends object>(name: string, type: Class): Class {
  return Object.defineProperty(type, 'name', { value: name });
}
