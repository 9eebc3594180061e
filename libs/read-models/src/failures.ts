import { Failure } from '@ringfence/kernel/failure';

/** Failures of the read models themselves; the database's failures pass through. */
export const readModelFailures = {
  read_model_behind: (name: string) =>
    new Failure('read_model_behind', `The read model ${name} has not caught up yet.`, true),
} as const;
