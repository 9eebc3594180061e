import { PredictableIds } from '@ringfence/testing/predictable-ids';
import { InMemorySubjectVault } from './memory-subject-vault.js';
import { subjectVaultContract } from '@ringfence/ports/vault/subject-vault.contract';

subjectVaultContract('in memory', () =>
  Promise.resolve({ vault: new InMemorySubjectVault(new PredictableIds()), close: () => Promise.resolve() }),
);
