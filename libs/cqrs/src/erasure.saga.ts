import { Inject, Injectable } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler, Saga } from '@nestjs/cqrs';
import type { StreamId, SubjectId } from '@ringfence/kernel/ids';
import { map, type Observable } from 'rxjs';
import { ofCommitted } from './committed-event.js';
import { SUBJECT_VAULT, type SubjectVault } from '@ringfence/ports/vault/subject-vault';

/** Destroys a subject's data key, and has this process forget what it holds of it. Again does no harm. */
export class EraseDataKey extends Command<void> {
  constructor(
    readonly account: StreamId,
    readonly subjectId: SubjectId,
  ) {
    super();
  }
}

/**
 * An erasure is carried out by one process's reactor (ErasureReactor). Every other one goes on for a while giving out what it has sealed: so each carries it out
 * by itself as soon as it hears of it. When that fails or is lost, nothing is: the reactor does it all the same, and what was held runs out.
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
