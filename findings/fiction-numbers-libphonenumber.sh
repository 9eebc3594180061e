#!/usr/bin/env bash
# libphonenumber-js 1.13.16, full metadata (/max): numbers that regulators reserve for fiction and examples are judged
# inconsistently.
# Those of most plans (London, France, Australia) are VALID and have the kind of the range around them, so that a check
# of validity does not keep them from being dialled. Of the British plan, the mobile drama range 07700 900xxx and the
# drama numbers without an area, 01632 960xxx, are possible but NOT valid, while London's 020 7946 0xxx of the same list
# is valid. Whether a test or example number is accepted thus depends on its range, not on its being reserved for
# fiction.
# Sources: Ofcom, "Telephone numbers for use in TV and radio drama"; ACMA, "Phone numbers for use in TV shows, films and
# creative works"; ARCEP, numbers 01 99 00 xx xx for audiovisual works.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"private":true,"type":"module"}' >package.json
npm install --silent --no-audit --no-fund libphonenumber-js@1.13.16
cat >look.js <<'JS'
import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
const numbers = ['+447700900123', '+441632960123', '+442079460123', '+61491570156', '+61255501234', '+33199000000'];
for (const text of numbers) {
  const number = parsePhoneNumberFromString(text);
  console.log(text, number.isPossible() ? 'possible' : 'impossible', number.isValid() ? 'valid' : 'invalid', number.getType() ?? '-', number.country ?? '-');
}
JS
node look.js | tee seen
cat >expected <<'TEXT'
+447700900123 possible invalid - -
+441632960123 possible invalid - -
+442079460123 possible valid FIXED_LINE GB
+61491570156 possible valid MOBILE AU
+61255501234 possible valid FIXED_LINE AU
+33199000000 possible valid FIXED_LINE FR
TEXT
diff expected seen && echo 'as described'
