import { Module } from '@nestjs/common';
import { BusesModule } from './buses.module.js';
import { SubmitCommandHandler } from './submit-command.handlers.js';

/** `CommandBus.execute(new SubmitCommand(…))` dispatches to the lanes. The host provides COMMAND_DISPATCHER in a global module. */
@Module({ imports: [BusesModule], providers: [SubmitCommandHandler] })
export class CommandsModule {}
