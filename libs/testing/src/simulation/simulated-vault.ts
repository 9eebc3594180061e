import type { SubjectVault } from '@ringfence/ports/vault/subject-vault';
import type { SealedText } from '@ringfence/domain/shared/values';
import { Failure } from '@ringfence/kernel/failure';
import type { OperationId, StreamId, SubjectId } from '@ringfence/kernel/ids';
import { sealedExample } from '../examples.js';
import type { SimulatedProcess } from './simulated-process.js';

/** The numbers of all calls of a simulation. */
export const simulatedNumbers = { from: '+14155550100', to: '+15005550000' } as const;
const known = new Map(Object.values(simulatedNumbers).map((clear) => [sealedExample(clear).subjectId, clear]));

/** A vault that knows a few numbers and never forgets them. */
export class SimulatedVault implements SubjectVault {
  constructor(private readonly process: SimulatedProcess) {}

  seal(_account: StreamId, value: string): Promise<SealedText> {
    return Promise.resolve(sealedExample(value));
  }

  open(sealed: readonly SealedText[]): Promise<readonly (string | null)[]> {
    return this.process.ask({
      work: () => sealed.map(({ subjectId }) => known.get(subjectId) ?? null),
      unavailable: () => new Failure('vault_unavailable', 'The simulated vault does not answer.', true),
    });
  }

  find(_account: StreamId, value: string): Promise<SubjectId | undefined> {
    return Promise.resolve(sealedExample(value).subjectId);
  }

  has(_account: StreamId, subjectId: SubjectId): Promise<boolean> {
    return Promise.resolve(known.has(subjectId));
  }

  erase(_account: StreamId, _subjectId: SubjectId): Promise<void> {
    return Promise.resolve();
  }

  deposit(_operationId: OperationId, _value: string): Promise<void> {
    return Promise.resolve();
  }

  claim(_operationId: OperationId): Promise<string | null> {
    return Promise.resolve(null);
  }
}
