// The order in which Jest begins with test files: those that are known to take long, then the rest by size.
import { statSync } from 'node:fs';
import { slowFiles } from './slow-files.ts';

export default class SlowestFirst {
  sort(tests) {
    const place = ({ path }) => {
      const at = slowFiles.findIndex((file) => path.endsWith(`/${file}`));
      return at < 0 ? slowFiles.length : at;
    };
    const sizes = new Map(tests.map(({ path }) => [path, statSync(path).size]));
    return tests.toSorted(
      (one, other) => place(one) - place(other) || (sizes.get(other.path) ?? 0) - (sizes.get(one.path) ?? 0),
    );
  }

  /** Called by every sequencer; how long files took here says nothing about the next machine. */
  cacheResults() {}
}
