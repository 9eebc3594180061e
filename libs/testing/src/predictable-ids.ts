import { PrefixedIds } from '@ringfence/kernel/prefixed-ids';

/** Ids of the right form that count up: the first `cs_` is `cs_00000000000000000000000001`. */
export class PredictableIds extends PrefixedIds {
  private readonly counts = new Map<string, number>();

  /**
   * @param before number of ids of each kind that were made elsewhere, so that two sources do not make the same ones
   */
  constructor(private readonly before = 0) {
    super();
  }

  protected override next(prefix: string): string {
    const count = (this.counts.get(prefix) ?? this.before) + 1;
    this.counts.set(prefix, count);
    return String(count).padStart(26, '0');
  }
}
