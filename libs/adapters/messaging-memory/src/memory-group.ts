/** A member that shares the partitions of a topic. Both calls settle when the member is done with the partitions. */
type GroupMember = {
  readonly revoke: (partitions: readonly number[]) => Promise<void>;
  /** The group gives these to another member. */
  readonly giveAway: (partitions: readonly number[]) => Promise<void>;
  readonly assign: (partitions: readonly number[]) => Promise<void>;
};

/**
 * Shares the partitions among its members: each partition has one owner, which releases it before the next begins, or
 * hands it over.
 */
export class MemoryGroup {
  readonly #owned = new Map<GroupMember, ReadonlySet<number>>();
  #changing: Promise<void> = Promise.resolve();

  constructor(private readonly partitionCount: number) {}

  join(member: GroupMember): Promise<void> {
    return this.#change(async () => {
      this.#owned.set(member, new Set());
      await this.#share();
    });
  }

  leave(member: GroupMember): Promise<void> {
    return this.#change(async () => {
      await member.revoke([...(this.#owned.get(member) ?? [])]);
      this.#owned.delete(member);
      await this.#share();
    });
  }

  /** Gives the member's partitions to others; the member finds out by itself. */
  abandon(member: GroupMember): Promise<void> {
    return this.#change(async () => {
      this.#owned.delete(member);
      await this.#share();
    });
  }

  #change(work: () => Promise<void>): Promise<void> {
    const changed = this.#changing.then(work);
    this.#changing = changed.catch(() => undefined);
    return changed;
  }

  async #share(): Promise<void> {
    const wanted = this.#evenShares();
    const moves = [...wanted].map(([member, shares]) => ({
      member,
      shares,
      has: this.#owned.get(member) ?? new Set(),
    }));
    for (const { member, shares, has } of moves) {
      const lost = [...has].filter((partition) => !shares.has(partition));
      if (lost.length > 0) await member.giveAway(lost);
      this.#owned.set(member, shares);
    }
    for (const { member, shares, has } of moves) {
      const gained = [...shares].filter((partition) => !has.has(partition));
      if (gained.length > 0) await member.assign(gained);
    }
  }

  /** Computes even shares: each member keeps what it has, up to its share; the rest goes to those with less. */
  #evenShares(): ReadonlyMap<GroupMember, ReadonlySet<number>> {
    const members = [...this.#owned.keys()];
    const shares = new Map<GroupMember, Set<number>>();
    const free = new Set(Array.from({ length: this.partitionCount }, (_, partition) => partition));
    for (const [at, member] of members.entries()) {
      const size = Math.floor((this.partitionCount + members.length - 1 - at) / members.length);
      const kept = [...(this.#owned.get(member) ?? [])].slice(0, size);
      for (const partition of kept) free.delete(partition);
      shares.set(member, new Set(kept));
    }
    for (const [at, member] of members.entries()) {
      const size = Math.floor((this.partitionCount + members.length - 1 - at) / members.length);
      const share = shares.get(member);
      for (const partition of free) {
        if (share === undefined || share.size >= size) break;
        share.add(partition);
        free.delete(partition);
      }
    }
    return shares;
  }
}
