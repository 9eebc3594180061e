import { Inject, Injectable, Module, type OnModuleInit } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { CommandBus, CqrsModule, EventBus } from '@nestjs/cqrs';
import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import { BrokenInvariant } from '@ringfence/kernel/invariant';
import type { Position } from '@ringfence/kernel/units';
import type { EventSource } from '@ringfence/projections/event-source';
import { SubmitCommandHandler } from './submit-command.handlers.js';

/** An event as handlers and sagas get it: it stands in the log. */
export class CommittedEvent {
  constructor(readonly envelope: RecordedEnvelope) {}
}

/** The one source of the EventBus: what the log has committed, in its order. */
@Injectable()
export class CommittedFeed {
  constructor(@Inject(EventBus) private readonly events: EventBus) {}

  /**
   * Brings what is committed from `from` on to the event handlers, until `signal` aborts. They get it at most once: what must not be missed has a
   * checkpoint of its own and is a reactor or a projection.
   * @throws what the source throws: an event that cannot be read
   */
  async follow(source: EventSource, from: Position, signal: AbortSignal): Promise<void> {
    for await (const batch of source.subscribe(from, signal)) {
      if (!this.events.subject$.observed) continue;
      for (const envelope of batch) this.events.subject$.next(new CommittedEvent(envelope));
    }
  }
}

/** The CQRS library only warns when two handlers claim one command or query, and the last wins. Here the process does not start. */
@Injectable()
export class OneHandlerEach implements OnModuleInit {
  constructor(private readonly modules: ModulesContainer) {}

  onModuleInit(): void {
    const claimed = new Map<unknown, unknown>();
    for (const module of this.modules.values())
      for (const { instance, metatype } of module.providers.values()) {
        const handler: unknown = (instance as object | null | undefined)?.constructor ?? metatype;
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

function claims(handler: unknown): readonly unknown[] {
  if (typeof handler !== 'function') return [];
  return handlerMetadata.flatMap((name) => {
    const request: unknown = Reflect.getMetadata(name, handler);
    return request === undefined ? [] : [request];
  });
}

function nameOf(type: unknown): string {
  return typeof type === 'function' ? type.name : String(type);
}

/** Nobody listens to commands on their way: they hold phone numbers. */
const silentCommandPublisher = { publish: () => undefined };
const noOtherEventPublisher = {
  publish: (): never => {
    throw new BrokenInvariant('events come from the committed feed alone');
  },
};

/**
 * The application's buses. `CommandBus.execute(new SubmitCommand(…))` dispatches to the lanes; the EventBus hears of what is committed and of nothing
 * else. The host provides COMMAND_DISPATCHER in a global module.
 */
@Module({
  imports: [CqrsModule.forRoot({ commandPublisher: silentCommandPublisher, eventPublisher: noOtherEventPublisher })],
  providers: [SubmitCommandHandler, CommittedFeed, OneHandlerEach],
  exports: [CqrsModule, CommittedFeed],
})
export class CommandsModule {
  constructor(readonly commands: CommandBus) {}
}
