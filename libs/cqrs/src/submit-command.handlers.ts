import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import {
  COMMAND_DISPATCHER,
  type CommandDispatcher,
  type CommandOutcome,
  type SubmittedCommand,
} from '@ringfence/commands/command-dispatcher';

/** Every wish goes over the bus in this one envelope: what is in it is for the lane of its stream to decide. */
export class SubmitCommand extends Command<CommandOutcome> {
  constructor(readonly submitted: SubmittedCommand) {
    super();
  }
}

@CommandHandler(SubmitCommand)
export class SubmitCommandHandler implements ICommandHandler<SubmitCommand> {
  constructor(@Inject(COMMAND_DISPATCHER) private readonly lanes: CommandDispatcher) {}

  execute({ submitted }: SubmitCommand): Promise<CommandOutcome> {
    return this.lanes.dispatch(submitted);
  }
}
