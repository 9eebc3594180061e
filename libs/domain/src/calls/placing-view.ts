import type { CallId, NumberId, SubjectId, VoiceAppId } from '@ringfence/kernel/ids';
import type { AccountStanding } from '../accounts/account-standing.js';
import type { VoiceApp } from '../apps/voice-app.js';
import type { Book } from '../billing/ledger/book.js';
import type { KeyUsages } from '../keys/key-usage.js';
import type { AccountDays } from '../limits/account-days.js';
import type { ModeUse } from '../limits/mode-use.js';
import type { OwnNumber } from '../numbers/own-number.js';
import type { RejectionSums } from '../rejections/rejected-commands.js';
import type { Generations } from '../shared/generations.js';
import type { Mode } from '../shared/values.js';
import type { RefusedCallSums } from './refused-calls.js';

/** Account state that PlaceCall reads. Prices, routes, numbering plan and calendar come with the command. */
export type PlacingView = {
  readonly standing: AccountStanding;
  /** null: the account is not open yet. */
  readonly days: AccountDays | null;
  readonly keys: KeyUsages;
  readonly modes: Readonly<Record<Mode, ModeUse>>;
  readonly books: Readonly<Record<Mode, Book>>;
  /** Live calls. */
  readonly calls: { readonly has: (callId: CallId) => boolean };
  /** Live calls by the app under which they run. */
  readonly appCalls: { readonly get: (appId: VoiceAppId) => number | undefined };
  readonly voiceApps: { readonly get: (appId: VoiceAppId) => VoiceApp | undefined };
  readonly numbers: { readonly get: (numberId: NumberId) => OwnNumber | undefined };
  readonly numbersBySubject: { readonly get: (subjectId: SubjectId) => NumberId | undefined };
  readonly ended: Generations<CallId>;
  readonly refusals: RefusedCallSums;
  readonly rejections: RejectionSums;
};
