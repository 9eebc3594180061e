import { Injectable, Module, type OnModuleInit } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { CqrsModule } from '@nestjs/cqrs';
import { BrokenInvariant } from '@ringfence/kernel/invariant';
import { CommittedEvent, namesItsTypes } from './committed-event.js';

/**
 * Fails the start if two handlers claim one command or query, or if a handler waits for an event that never comes. The
 * CQRS library only warns of the former, and the last handler wins; it ignores the latter.
 */
@Injectable()
class HandlerCheck implements OnModuleInit {
  constructor(private readonly modules: ModulesContainer) {}

  onModuleInit(): void {
    const claimed = new Map<unknown, unknown>();
    for (const module of this.modules.values())
      for (const { instance, metatype } of module.providers.values()) {
        const handler: unknown = (instance as object | null | undefined)?.constructor ?? metatype;
        for (const event of named(handler, ['__eventsHandler__']).flat())
          if (event !== CommittedEvent || !namesItsTypes(handler))
            throw new BrokenInvariant(`${nameOf(handler)} would never receive ${nameOf(event)}: ${committedAlone}`);
        for (const request of named(handler, ['__commandHandler__', '__queryHandler__'])) {
          const other = claimed.get(request);
          if (other !== undefined && other !== handler)
            throw new BrokenInvariant(`${nameOf(request)} is handled by ${nameOf(other)} and ${nameOf(handler)}`);
          claimed.set(request, handler);
        }
      }
  }
}

/**
 * Returns the classes that a handler handles, by the library's metadata keys; the spec shows that the keys are still
 * these.
 */
function named(handler: unknown, metadata: readonly string[]): readonly unknown[] {
  if (typeof handler !== 'function') return [];
  return metadata.flatMap((name) => {
    const handled: unknown = Reflect.getMetadata(name, handler);
    return handled === undefined ? [] : [handled];
  });
}

function nameOf(type: unknown): string {
  return typeof type === 'function' ? type.name : String(type);
}

const committedAlone =
  'the event bus carries what the log holds, as CommittedEvent of the types that HandlesCommitted names';

/** Commands and queries are published nowhere: they contain personal data. */
const silent = { publish: () => undefined };
const feedAlone = {
  publish: (): never => {
    throw new BrokenInvariant(committedAlone);
  },
};

/**
 * The buses of the process. Other modules contribute commands, queries and listeners; the reactions feed the event bus
 * (docs/adr/0014).
 */
@Module({
  imports: [CqrsModule.forRoot({ commandPublisher: silent, queryPublisher: silent, eventPublisher: feedAlone })],
  providers: [HandlerCheck],
})
export class BusesModule {}
