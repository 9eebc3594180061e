#!/usr/bin/env bash
# libphonenumber-js 1.13.16, full metadata (/max): two tariff ranges of regulators are not represented as such.
# +1 600, NANPA's "Canadian Non-Geographic Tariffed Services" (in service since 1993; used by, among others, satellite
# telephones in the north of Canada), is VALID and VOIP in CA: a check that bars premium rate by kind lets it pass. In
# Germany's premium-rate range 0900, the digit after 900 has denoted the tariff (0 to 8) since 1 December 2024. Numbers
# with the digits 1, 3 and 5 of the previous plan are VALID and PREMIUM_RATE; those with 0, 2, 4, 6, 7 and 8 are
# possible but INVALID and have no kind. So a call to one tariff is refused as premium rate, and a call to the next as
# an invalid number.
# Sources: NANPA, NPA report (npa_report.csv), file date 5 January 2026; Bundesnetzagentur, "(0)900 Rufnummern für
# Premium-Dienste".
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"private":true,"type":"module"}' >package.json
npm install --silent --no-audit --no-fund libphonenumber-js@1.13.16
cat >look.js <<'JS'
import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
const tariffs = Array.from({ length: 9 }, (_, digit) => `+49900${digit}123456`);
for (const text of ['+16002345678', '+19002345678', ...tariffs]) {
  const number = parsePhoneNumberFromString(text);
  console.log(text, number.isPossible() ? 'possible' : 'impossible', number.isValid() ? 'valid' : 'invalid', number.getType() ?? '-', number.country ?? '-');
}
JS
node look.js | tee seen
cat >expected <<'TEXT'
+16002345678 possible valid VOIP CA
+19002345678 possible valid PREMIUM_RATE US
+499000123456 possible invalid - DE
+499001123456 possible valid PREMIUM_RATE DE
+499002123456 possible invalid - DE
+499003123456 possible valid PREMIUM_RATE DE
+499004123456 possible invalid - DE
+499005123456 possible valid PREMIUM_RATE DE
+499006123456 possible invalid - DE
+499007123456 possible invalid - DE
+499008123456 possible invalid - DE
TEXT
diff expected seen && echo 'as described'
