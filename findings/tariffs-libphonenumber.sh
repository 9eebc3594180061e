#!/usr/bin/env bash
# libphonenumber-js 1.13.16, full metadata (/max): two tariffs of regulators are not there as tariffs.
# +1 600, "Canadian Non-Geographic Tariffed Services" to NANPA (in service since 1993; satellite telephones in the north of Canada among them), is VALID and VOIP in
# CA: whoever bars premium rate by kind lets it pass. Germany's premium rate 0900, whose digit behind 900 has been that of the tariff since 1 December
# 2024 (0 to 8), is VALID and PREMIUM_RATE for the digits 1, 3 and 5 of the plan before and possible, INVALID and without a kind for 0, 2, 4, 6, 7 and 8:
# a call to one tariff is refused as premium rate and to the next as no number.
# Sources: NANPA, NPA report (npa_report.csv), file date 5 January 2026; Bundesnetzagentur, "(0)900 Rufnummern für Premium-Dienste".
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
