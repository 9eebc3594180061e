import type {
  AccountId,
  CallId,
  CommandId,
  DeckId,
  EventId,
  IdSource,
  KeyId,
  LegId,
  LogId,
  SubjectId,
} from '@ringfence/kernel/ids';

/** Ids of the right form that count up: the first `cs_` is `cs_00000000000000000000000001`. */
export class PredictableIds implements IdSource {
  private readonly counts = new Map<string, number>();

  /** @param before how many of each were made elsewhere, so that two sources do not make the same ones */
  constructor(private readonly before = 0) {}

  accountId = (): AccountId => this.next('acc') as AccountId;
  keyId = (): KeyId => this.next('key') as KeyId;
  callId = (): CallId => this.next('cs') as CallId;
  legId = (): LegId => this.next('cl') as LegId;
  eventId = (): EventId => this.next('evt') as EventId;
  subjectId = (): SubjectId => this.next('sub') as SubjectId;
  logId = (): LogId => this.next('log') as LogId;
  deckId = (): DeckId => this.next('deck') as DeckId;
  commandId = (): CommandId => this.next('cmd') as CommandId;

  private next(prefix: string): string {
    const count = (this.counts.get(prefix) ?? this.before) + 1;
    this.counts.set(prefix, count);
    return `${prefix}_${String(count).padStart(26, '0')}`;
  }
}
