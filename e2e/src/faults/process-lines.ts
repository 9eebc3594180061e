import type { Recording } from '@ringfence/testing/checkers/recording';

/** What a process only says when a bug has met it, or when somebody has to look. */
export const alarms = [
  'a rule broke that only a bug breaks; state was built again from the log',
  'a command was set aside: somebody has to look',
  'an account was set aside, for ',
  'a stream was set aside',
  'a projection stands still: somebody has to look',
  'a reactor does nothing any more: somebody has to look',
  'the log and its topic do not go together: somebody has to look',
  'changes of the platform are not heard of any more: somebody has to look',
  'the key registry cannot follow the log; nobody is let in while it is behind',
  'something was thrown that nobody caught',
  'something was rejected that nobody caught',
];
const dial = 'an attempt is dialled';

/** Reads what the processes log: dials are counted, and what nobody should ever have to say is written down. */
export class ProcessLines {
  readonly dialled: string[] = [];

  constructor(private readonly recording: Recording) {}

  hear(process: string, line: string): void {
    if (line.includes(dial)) {
      const [, attemptId] = /"attemptId":"([^"]+)"/.exec(line) ?? [];
      if (attemptId !== undefined) this.dialled.push(attemptId);
    } else if (alarms.some((alarm) => line.includes(alarm))) {
      this.recording.note({ kind: 'broken', process, what: line });
    }
  }
}
