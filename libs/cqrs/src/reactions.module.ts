import { type DynamicModule, Module } from '@nestjs/common';
import { EventBus } from '@nestjs/cqrs';
import { BusesModule } from './buses.module.js';
import { CommittedEvents, type EventBusFeed } from './committed-events.js';
import { SUBJECT_VAULT, type SubjectVault } from '@ringfence/ports/vault/subject-vault';
import { EraseDataKeyHandler, ErasureSaga } from './erasure.saga.js';

/**
 * Reactions to events in every process; they may be lost (docs/adr/0014). A reaction that must not be lost is a
 * reactor.
 */
@Module({})
export class ReactionsModule {
  static on(feed: EventBusFeed, vault: SubjectVault): DynamicModule {
    return {
      module: ReactionsModule,
      global: true,
      imports: [BusesModule],
      providers: [
        {
          provide: CommittedEvents,
          useFactory: ({ subject$ }: EventBus) => new CommittedEvents(subject$, feed),
          inject: [EventBus],
        },
        { provide: SUBJECT_VAULT, useValue: vault },
        ErasureSaga,
        EraseDataKeyHandler,
      ],
      exports: [CommittedEvents],
    };
  }
}
