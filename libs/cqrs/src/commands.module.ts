import { Module } from '@nestjs/common';
import { BusesModule } from './buses.module.js';
import { commandHandlers } from './public-command.handlers.js';

/**
 * Brings the commands of the public catalogue to the lanes: `CommandBus.execute(new commandClasses.place_call(…))`. The
 * host provides COMMAND_DISPATCHER, REQUEST_BUILDERS and RequestIdentity in a global module.
 */
@Module({ imports: [BusesModule], providers: [...commandHandlers] })
export class CommandsModule {}
