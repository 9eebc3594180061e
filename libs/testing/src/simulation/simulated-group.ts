import type { SimulatedProcess, World } from './simulated-process.js';

/** A member that shares a topic's partitions. It gets notices in order, and only while it is alive. */
export interface GroupMember {
  readonly process: SimulatedProcess;
  assigned(partition: number): void;
  /** @param done to be called when it has released the partition */
  revoked(partition: number, done: () => void): void;
  /** Called when the group has gone on without the member: it owns nothing any more, and has to join again. */
  cutOff(): void;
}

/** Time after which a silent member is removed, and so is one that does not release its partitions. */
const sessionMs = 3_000;
const releaseWithinMs = 5_000;
const lookEveryMs = 500;
const noticeMsMax = 800;

type Owner = { readonly member: GroupMember; readonly revokedAtMs: number | null };

/** Assigns partitions like a group coordinator: members release them before others begin, unless they are silent. */
export class SimulatedGroup {
  readonly #members = new Set<GroupMember>();
  readonly #owners = new Map<number, Owner>();
  readonly #wanted = new Map<number, GroupMember>();

  constructor(
    private readonly world: World,
    private readonly partitions: number,
  ) {
    this.#lookNowAndThen();
  }

  join(member: GroupMember): void {
    this.#members.add(member);
    this.shuffle();
  }

  leave(member: GroupMember): void {
    if (this.#members.delete(member)) this.#forget(member);
  }

  isMember(member: GroupMember): boolean {
    return this.#members.has(member);
  }

  /** Assigns new even shares at random. */
  shuffle(): void {
    const members = [...this.#members];
    const first = this.world.random.below(Math.max(1, members.length));
    for (let partition = 0; partition < this.partitions; partition += 1) {
      const member = members[(first + partition) % members.length];
      if (member === undefined) this.#wanted.delete(partition);
      else this.#wanted.set(partition, member);
    }
    this.#settle();
  }

  #settle(): void {
    for (const [partition, wanted] of this.#wanted) {
      const owner = this.#owners.get(partition);
      if (owner === undefined) this.#give(partition, wanted);
      else if (owner.member !== wanted && owner.revokedAtMs === null) this.#revoke(partition, owner.member);
    }
  }

  #give(partition: number, member: GroupMember): void {
    this.#owners.set(partition, { member, revokedAtMs: null });
    member.process.reach(this.#noticeMs(member), () => {
      member.assigned(partition);
    });
  }

  #revoke(partition: number, member: GroupMember): void {
    const revoked = { member, revokedAtMs: this.world.scheduler.nowMs };
    this.#owners.set(partition, revoked);
    const done = () => {
      this.world.scheduler.plan(1, null, () => {
        if (this.#owners.get(partition) !== revoked) return;
        this.#owners.delete(partition);
        this.#settle();
      });
    };
    member.process.reach(this.#noticeMs(member), () => {
      member.revoked(partition, done);
    });
  }

  #forget(member: GroupMember): void {
    for (const [partition, owner] of this.#owners) if (owner.member === member) this.#owners.delete(partition);
    this.shuffle();
  }

  #lookNowAndThen(): void {
    this.world.scheduler.plan(lookEveryMs, null, () => {
      const { nowMs } = this.world.scheduler;
      for (const member of this.#members) {
        const slow = [...this.#owners.values()].some(
          (owner) => owner.member === member && nowMs - (owner.revokedAtMs ?? nowMs) > releaseWithinMs,
        );
        if (!slow && member.process.silentMs() <= sessionMs) continue;
        this.leave(member);
        member.process.reach(this.#noticeMs(member), () => {
          member.cutOff();
        });
      }
      this.#lookNowAndThen();
    });
  }

  /** Draws the moment of a notice, which is never before that of an earlier one. */
  #noticeMs(member: GroupMember): number {
    const { nowMs } = this.world.scheduler;
    const atMs = Math.max(this.#noticed.get(member) ?? 0, nowMs + this.world.random.below(noticeMsMax));
    this.#noticed.set(member, atMs);
    return atMs - nowMs;
  }
  readonly #noticed = new WeakMap<GroupMember, number>();
}
