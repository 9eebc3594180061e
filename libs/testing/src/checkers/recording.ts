import type { CommandOutcome, CommandPayload } from '@ringfence/commands/command-dispatcher';
import type { AppendBatch } from '@ringfence/ports/log/event-store';
import type { CommandId, KeyId, StreamId } from '@ringfence/kernel/ids';
import type { Lane } from '@ringfence/kernel/lane';

/** An occurrence at a moment of simulated time. */
export type Happening =
  | {
      readonly kind: 'asked';
      readonly asking: number;
      readonly stream: StreamId;
      readonly commandId: CommandId;
      readonly commandType: CommandPayload['type'];
      readonly keyId: KeyId | null;
      readonly head: number;
    }
  | {
      readonly kind: 'answered';
      readonly asking: number;
      readonly stream: StreamId;
      readonly commandId: CommandId;
      readonly outcome: CommandOutcome;
    }
  | { readonly kind: 'unanswered'; readonly asking: number; readonly commandId: CommandId; readonly code: string }
  | { readonly kind: 'admitted'; readonly gateway: string; readonly keyId: KeyId; readonly seen: number }
  | { readonly kind: 'rejected'; readonly gateway: string; readonly code: string; readonly seen: number }
  | { readonly kind: 'taken'; readonly process: string; readonly lane: Lane }
  /** The relay's lease was given to the process; the process leads; it has sent a batch to the topic of events. */
  | { readonly kind: 'leased'; readonly process: string; readonly epoch: number }
  | { readonly kind: 'leads'; readonly process: string; readonly epoch: number; readonly next: number }
  | { readonly kind: 'relayed'; readonly process: string; readonly epoch: number; readonly messages: number }
  /** A registry reports a gap in the topic, and starts over with the log. */
  | { readonly kind: 'gap'; readonly process: string; readonly what: string }
  /** Source that keeps a registry fresh from now on. */
  | { readonly kind: 'follows'; readonly process: string; readonly from: 'topic' | 'log' }
  | {
      readonly kind: 'committed';
      readonly append: number;
      readonly process: string;
      readonly streams: readonly StreamId[];
      readonly first: number;
      readonly head: number;
      readonly consumed: NonNullable<AppendBatch['consumed']>;
    }
  /** The committer received its answer. */
  | { readonly kind: 'acknowledged'; readonly append: number }
  /** A reply that was handed to the bus, whether it arrived or not; or another message that has arrived there. */
  | {
      readonly kind: 'sent';
      readonly process: string;
      readonly topic: string;
      readonly about: string;
      readonly status: string;
    }
  | { readonly kind: 'error'; readonly process: string; readonly what: string }
  /** A report that only a bug can cause. */
  | { readonly kind: 'broken'; readonly process: string; readonly what: string }
  | { readonly kind: 'fault'; readonly what: string; readonly of: string };

/** A recorded occurrence. `order`: its place among all occurrences. */
export type Recorded = Happening & { readonly atMs: number; readonly order: number };

/** The record of a run; besides it, the checkers see only the log and the topics. */
export class Recording {
  readonly happenings: Recorded[] = [];
  #ended = false;

  constructor(private readonly nowMs: () => number) {}

  /** Ends the recording: later occurrences are ignored. */
  end(): void {
    this.#ended = true;
  }

  note(happening: Happening): void {
    if (this.#ended) return;
    this.happenings.push({ order: this.happenings.length, atMs: this.nowMs(), ...happening });
  }

  of<Kind extends Happening['kind']>(kind: Kind): readonly Extract<Recorded, { readonly kind: Kind }>[] {
    return this.happenings.filter(
      (happening): happening is Extract<Recorded, { readonly kind: Kind }> => happening.kind === kind,
    );
  }

  /** Returns one line per occurrence. */
  toText(): string {
    const bigintsAsText = (_name: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value);
    return this.happenings.map((happening) => JSON.stringify(happening, bigintsAsText)).join('\n');
  }
}
