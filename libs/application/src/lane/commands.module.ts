import { Injectable, Module, type OnModuleInit } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { CqrsModule } from '@nestjs/cqrs';
import { BrokenInvariant } from '@ringfence/kernel/invariant';
import { SubmitCommandHandler } from './submit-command.handlers.js';

/**
 * The CQRS library only warns when two handlers claim one command or query, and the last wins; and it would take handlers of events and sagas that
 * nobody ever calls here. With neither does the process start.
 */
@Injectable()
export class HandlerCheck implements OnModuleInit {
  constructor(private readonly modules: ModulesContainer) {}

  onModuleInit(): void {
    const claimed = new Map<unknown, unknown>();
    for (const module of this.modules.values())
      for (const { instance, metatype } of module.providers.values()) {
        const handler: unknown = (instance as object | null | undefined)?.constructor ?? metatype;
        if (reacts(handler))
          throw new BrokenInvariant(`${nameOf(handler)} would never hear of an event: ${reactorsReact}`);
        for (const request of claims(handler)) {
          const other = claimed.get(request);
          if (other !== undefined && other !== handler)
            throw new BrokenInvariant(`${nameOf(request)} is handled by ${nameOf(other)} and ${nameOf(handler)}`);
          claimed.set(request, handler);
        }
      }
  }
}

/** As @nestjs/cqrs names them; the spec shows that they are still named so. */
const handlerMetadata = ['__commandHandler__', '__queryHandler__'];
const reactionMetadata = ['__eventsHandler__', '__saga__'];

function claims(handler: unknown): readonly unknown[] {
  if (typeof handler !== 'function') return [];
  return handlerMetadata.flatMap((name) => {
    const request: unknown = Reflect.getMetadata(name, handler);
    return request === undefined ? [] : [request];
  });
}

function reacts(handler: unknown): boolean {
  return typeof handler === 'function' && reactionMetadata.some((name) => Reflect.hasMetadata(name, handler));
}

function nameOf(type: unknown): string {
  return typeof type === 'function' ? type.name : String(type);
}

const reactorsReact = 'what follows from events is a projection or a reactor, with a checkpoint of its own';

/** Nobody listens to commands and queries on their way: they speak of people. */
const silent = { publish: () => undefined };
const noEvents = {
  publish: (): never => {
    throw new BrokenInvariant(`events are appended by the lanes alone; ${reactorsReact}`);
  },
};

/**
 * The application's buses. `CommandBus.execute(new SubmitCommand(…))` dispatches to the lanes; the QueryBus asks whoever handles a query. Nothing goes over the
 * EventBus: docs/adr/0014. The host provides COMMAND_DISPATCHER in a global module.
 */
@Module({
  imports: [CqrsModule.forRoot({ commandPublisher: silent, queryPublisher: silent, eventPublisher: noEvents })],
  providers: [SubmitCommandHandler, HandlerCheck],
})
export class CommandsModule {}
