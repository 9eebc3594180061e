import type { SubjectVault } from '@ringfence/ports/vault/subject-vault';
import { LogReactor, type LogReactorParts } from '../log-reactor.js';

const erasureTypes = new Set(['SubjectErased'] as const);

/**
 * Starts the reactor that destroys the data keys of erased subjects. Settles when every erasure now in the log has been
 * carried out: no request may be served before that.
 * @throws Failure of the store, the vault or the checkpoints (retryable)
 */
export function startErasureReactor(
  parts: LogReactorParts & { readonly vault: SubjectVault },
): Promise<LogReactor<'SubjectErased'>> {
  const { vault } = parts;
  return LogReactor.start(
    parts,
    {
      name: 'erasure',
      types: erasureTypes,
      carryOut: async ({ events }) => {
        await Promise.all(events.map(({ data }) => vault.erase(data.accountId, data.subjectId)));
      },
    },
    'caught_up',
  );
}
