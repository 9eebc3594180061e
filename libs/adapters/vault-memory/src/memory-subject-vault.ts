import type { SealedText } from '@ringfence/domain/shared/values';
import type { IdSource, OperationId, StreamId, SubjectId } from '@ringfence/kernel/ids';
import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { checkPersonalValue, dataKeyBytes, openValue, sealValue } from '@ringfence/ports/vault/personal-value';
import type { SubjectVault } from '@ringfence/ports/vault/subject-vault';

/** A vault for tests: it seals like the real one, and loses everything with the process. */
export class InMemorySubjectVault implements SubjectVault {
  readonly #subjects = new Map<SubjectId, Subject>();
  readonly #sealed = new Map<string, SealedText>();
  /** A test is over before a deposit is too old. */
  readonly #deposits = new Map<OperationId, string>();

  constructor(private readonly ids: Pick<IdSource, 'subjectId'>) {}

  seal(account: StreamId, value: string): Promise<SealedText> {
    return settled(() => {
      checkPersonalValue(value);
      const name = nameOf(account, value);
      const known = this.#sealed.get(name);
      if (known !== undefined) return known;
      const dataKey = createSecretKey(randomBytes(dataKeyBytes));
      const subjectId = this.ids.subjectId();
      const sealed = { subjectId, ciphertext: sealValue(dataKey, subjectId, value) };
      this.#subjects.set(subjectId, { account, name, dataKey });
      this.#sealed.set(name, sealed);
      return sealed;
    });
  }

  open(sealed: readonly SealedText[]): Promise<readonly (string | null)[]> {
    return settled(() =>
      sealed.map(({ subjectId, ciphertext }) => {
        const subject = this.#subjects.get(subjectId);
        return subject === undefined ? null : openValue(subject.dataKey, subjectId, ciphertext);
      }),
    );
  }

  find(account: StreamId, value: string): Promise<SubjectId | undefined> {
    return settled(() => {
      checkPersonalValue(value);
      return this.#sealed.get(nameOf(account, value))?.subjectId;
    });
  }

  has(account: StreamId, subjectId: SubjectId): Promise<boolean> {
    return settled(() => this.#subjects.get(subjectId)?.account === account);
  }

  erase(account: StreamId, subjectId: SubjectId): Promise<void> {
    return settled(() => {
      const subject = this.#subjects.get(subjectId);
      if (subject?.account !== account) return;
      this.#subjects.delete(subjectId);
      this.#sealed.delete(subject.name);
    });
  }

  deposit(operationId: OperationId, value: string): Promise<void> {
    return settled(() => {
      checkPersonalValue(value);
      this.#deposits.set(operationId, value);
    });
  }

  claim(operationId: OperationId): Promise<string | null> {
    return settled(() => {
      const value = this.#deposits.get(operationId) ?? null;
      this.#deposits.delete(operationId);
      return value;
    });
  }
}

type Subject = { readonly account: StreamId; readonly name: string; readonly dataKey: KeyObject };

function nameOf(account: StreamId, value: string): string {
  return `${account} ${value}`;
}

/** Turns a throw into a rejection, as with a remote vault. */
function settled<Result>(work: () => Result): Promise<Result> {
  return new Promise((resolve) => {
    resolve(work());
  });
}
