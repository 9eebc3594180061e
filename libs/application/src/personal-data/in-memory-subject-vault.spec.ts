import { PredictableIds } from '@ringfence/testing/predictable-ids';
import { InMemorySubjectVault } from './in-memory-subject-vault.js';
import { subjectVaultContract } from './subject-vault.contract.js';

subjectVaultContract('in memory', () =>
  Promise.resolve({ vault: new InMemorySubjectVault(new PredictableIds()), close: () => Promise.resolve() }),
);
