import { Inject, Injectable } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler, Saga } from '@nestjs/cqrs';
import type { StreamId, SubjectId } from '@ringfence/kernel/ids';
import { map, type Observable } from 'rxjs';
import { ofCommitted } from './committed-event.js';
import { SUBJECT_VAULT, type SubjectVault } from '@ringfence/ports/vault/subject-vault';

/** Destroys a subject's data key, and the copies in this process's memory. Idempotent. */
class EraseDataKey extends Command<void> {
  constructor(
    readonly account: StreamId,
    readonly subjectId: SubjectId,
  ) {
    super();
  }
}

/**
 * Erases in every process as soon as the event arrives. The erasure is guaranteed by the reactor of one process
 * (ErasureReactor); without the saga, the other processes would use their copies in memory for a while longer. A
 * failure here loses nothing: the reactor erases regardless, and the copies expire.
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
