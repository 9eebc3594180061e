import type { DomainEventType, EventContext } from '@ringfence/domain/domain-event';
import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import { ceTypesEver, eventTypeOf, eventTypesOf } from '@ringfence/event-catalog/event-catalog';
import { invariant } from '@ringfence/kernel/invariant';
import type { Folds, Projection } from './projection.js';
import type { OpenTransaction } from '@ringfence/ports/sql/sql-database';

/** A projection with its batch type hidden: what the engine works with. */
export type RunnableProjection = Pick<Projection<unknown>, 'name' | 'version' | 'order' | 'tables'> & {
  readonly handles: (type: DomainEventType) => boolean;
  readonly begin: () => OpenBatch;
};
export type OpenBatch = {
  /** Folds an event. May throw, as folds may; the batch is then discarded. */
  readonly fold: (envelope: RecordedEnvelope) => void;
  readonly write: (tx: OpenTransaction) => void;
};

const namePattern = /^[a-z][a-z_]{0,40}$/;

/** @throws BrokenInvariant on a name that is no plain schema name, or one that ends like the engine's own */
export function runnable<Batch>(projection: Projection<Batch>): RunnableProjection {
  const { name, version, order, tables, newBatch, on, write } = projection;
  invariant(namePattern.test(name) && !/_(next|old)$/.test(name), `${name} can be the name of a projection`);
  const folds = foldsByType(on);
  return {
    name,
    version,
    order,
    tables,
    handles: (type) => folds.has(type),
    begin: () => {
      const batch = newBatch();
      return {
        fold: (envelope) => {
          // TypeScript cannot see that the fold found under an event's type takes that event.
          folds.get(envelope.data.type)?.(envelope as never, batch);
        },
        write: (tx) => {
          write(batch, tx);
        },
      };
    },
  };
}

/**
 * CloudEvents types, of all versions that this release reads, that none of the projections handles. A type that this
 * release does not know is not among them: what a projection would do with it is known to another release alone.
 */
export function ignoredTypes(projections: readonly RunnableProjection[]): readonly string[] {
  return ceTypesEver.filter((ceType) => {
    const type = eventTypeOf(ceType);
    return type !== undefined && !projections.some(({ handles }) => handles(type));
  });
}

type AnyFold<Batch> = (envelope: never, batch: Batch) => void;
type FoldsOfAnyContext<Batch> = 'ignore' | AnyFold<Batch> | Readonly<Record<string, AnyFold<Batch> | 'ignore'>>;

/** The folds without their contexts, so that an event costs one look-up. */
function foldsByType<Batch>(on: Folds<Batch>): ReadonlyMap<DomainEventType, AnyFold<Batch>> {
  const contexts: Readonly<Record<EventContext, FoldsOfAnyContext<Batch>>> = on;
  const byType = new Map<DomainEventType, AnyFold<Batch>>();
  for (const context of Object.keys(contexts) as EventContext[]) {
    const folds = contexts[context];
    for (const type of eventTypesOf(context)) {
      const fold = typeof folds === 'object' ? folds[type] : folds;
      if (fold !== undefined && fold !== 'ignore') byType.set(type, fold);
    }
  }
  return byType;
}
