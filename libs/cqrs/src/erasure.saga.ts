import { Inject, Injectable } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler, Saga } from '@nestjs/cqrs';
import type { StreamId, SubjectId } from '@ringfence/kernel/ids';
import { map, type Observable } from 'rxjs';
import { ofCommitted } from './committed-event.js';
import { SUBJECT_VAULT, type SubjectVault } from '@ringfence/ports/vault/subject-vault';

/** Destroys a subject's data key, and what this process holds of it in memory. Idempotent. */
class EraseDataKey extends Command<void> {
  constructor(
    readonly account: StreamId,
    readonly subjectId: SubjectId,
  ) {
    super();
  }
}

/**
 * Erases in every process as soon as the event arrives. The reactor of one process (ErasureReactor) guarantees the
 * erasure; the others would go on using what they hold in memory for a while. A failure here loses nothing: the reactor
 * erases all the same, and what was held in memory expires.
 */
@Injectable()
export class ErasureSaga {
  @Saga()
  readonly erase = (events: Observable<object>): Observable<EraseDataKey> =>
    events.pipe(
      ofCommitted('SubjectErased'),
      map(({ data }) => new EraseDataKey(data.accountId, data.subjectId)),
    );
}

@CommandHandler(EraseDataKey)
export class EraseDataKeyHandler implements ICommandHandler<EraseDataKey> {
  constructor(@Inject(SUBJECT_VAULT) private readonly vault: SubjectVault) {}

  execute({ account, subjectId }: EraseDataKey): Promise<void> {
    return this.vault.erase(account, subjectId);
  }
}
