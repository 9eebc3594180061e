export const csvMediaType = 'text/csv';

/**
 * Tests whether an `Accept` header prefers CSV to JSON. JSON is the default if the header is missing, expresses no
 * preference, or accepts neither.
 */
export function prefersCsv(accept: string | undefined): boolean {
  if (accept === undefined) return false;
  const ranges = accept.split(',').map(rangeOf);
  return qualityOf(ranges, csvMediaType) > qualityOf(ranges, 'application/json');
}

type Range = { readonly type: string; readonly quality: number };

function rangeOf(text: string): Range {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const quality = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
  const weight = quality === undefined ? 1 : Number(quality);
  return { type, quality: weight >= 0 && weight <= 1 ? weight : 0 };
}

/** The quality of the most specific range that matches a type; 0: none. */
function qualityOf(ranges: readonly Range[], type: string): number {
  const [group = ''] = type.split('/');
  for (const wanted of [type, `${group}/*`, '*/*']) {
    const found = ranges.find((range) => range.type === wanted);
    if (found !== undefined) return found.quality;
  }
  return 0;
}
