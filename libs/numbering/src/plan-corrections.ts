import type { NumberKind } from '@ringfence/domain/limits/numbering-plan';

/** A range of numbers whose use in a regulator's plan differs from the package's metadata. */
type PlanCorrection = {
  readonly territory: string;
  readonly kind: NumberKind;
  /**
   * National numbers, in the metadata's form of patterns. A range of the metadata with this exact pattern is removed.
   */
  readonly pattern: string;
  /** The regulator's publication and its location. */
  readonly source: string;
};

/** The day on which the corrections were last compared with their sources; events name it beside the data's version. */
export const correctedOn = '2026-11-29';

const nanpa = 'NANPA, NPA report, file date 5 January 2026 (https://nationalnanpa.com/nanp1/npa_report.csv)';

/**
 * Corrections that precede the package's metadata. A spec fails once the package has one of them: then it is to be
 * removed here.
 */
export const planCorrections: readonly PlanCorrection[] = [
  {
    // In service since 2023 to 2025, and in no range of the metadata: they could not be called.
    territory: 'US',
    kind: 'fixed_line_or_mobile',
    pattern: '(?:357|436|457|62[14]|679|729|837|861|924)[2-9]\\d{6}',
    source: `${nanpa}: general purpose codes in service`,
  },
  {
    // Voice over IP according to the metadata, which is charged as an ordinary call. Satellite telephones in the north
    // of Canada are among them.
    territory: 'CA',
    kind: 'premium_rate',
    pattern: '600[2-9]\\d{6}',
    source: `${nanpa}: 600, Canadian Non-Geographic Tariffed Services`,
  },
  {
    // The metadata has the digits 1, 3 and 5 of the previous plan, which named the content.
    territory: 'DE',
    kind: 'premium_rate',
    pattern: '900[0-8]\\d{6}',
    source:
      'Bundesnetzagentur, (0)900 Rufnummern für Premium-Dienste: since 1 December 2024 the digit behind 900 is that of the tariff, 0 to 8 (https://www.bundesnetzagentur.de/DE/Fachthemen/Telekommunikation/Nummerierung/0900/start.html)',
  },
];
