import type {
  AccountId,
  CallId,
  CommandId,
  DeckId,
  EventId,
  IdSource,
  IpListId,
  KeyId,
  LegId,
  LogId,
  SipTrunkId,
  NumberId,
  OperationId,
  SubjectId,
  VoiceAppId,
  WebhookSecretId,
} from './ids.js';

/** Makes ids of every kind from a prefix and the result of `next`. */
export abstract class PrefixedIds implements IdSource {
  accountId = (): AccountId => `acc_${this.next('acc')}` as AccountId;
  keyId = (): KeyId => `key_${this.next('key')}` as KeyId;
  callId = (): CallId => `cs_${this.next('cs')}` as CallId;
  legId = (): LegId => `cl_${this.next('cl')}` as LegId;
  eventId = (): EventId => `evt_${this.next('evt')}` as EventId;
  subjectId = (): SubjectId => `sub_${this.next('sub')}` as SubjectId;
  logId = (): LogId => `log_${this.next('log')}` as LogId;
  deckId = (): DeckId => `deck_${this.next('deck')}` as DeckId;
  ipListId = (): IpListId => `acl_${this.next('acl')}` as IpListId;
  sipTrunkId = (): SipTrunkId => `st_${this.next('st')}` as SipTrunkId;
  voiceAppId = (): VoiceAppId => `va_${this.next('va')}` as VoiceAppId;
  webhookSecretId = (): WebhookSecretId => `sec_${this.next('sec')}` as WebhookSecretId;
  numberId = (): NumberId => `vn_${this.next('vn')}` as NumberId;
  operationId = (): OperationId => `op_${this.next('op')}` as OperationId;
  commandId = (): CommandId => `cmd_${this.next('cmd')}` as CommandId;

  /** Makes the 26 characters behind the prefix. */
  protected abstract next(prefix: string): string;
}
