#!/usr/bin/env bash
# Every check of the project, in the order in which faults are cheapest to read: types, lint, dialogues, tests.
# It is what `npm test` runs, here and elsewhere alike; it must never leave a check out and still succeed.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/node_modules/.bin:$PATH"

if [ ! -x node_modules/.bin/vitest ]; then
  echo 'The packages are not installed: run npm ci first.' >&2
  exit 1
fi

missing=()
for command in chromium redis-server; do
  command -v "$command" >/dev/null || missing+=("$command")
done
if [ "${#missing[@]}" -gt 0 ]; then
  if [ "$(id -u)" = 0 ] && [ -e /etc/debian_version ]; then
    export DEBIAN_FRONTEND=noninteractive
    apt-get update
    apt-get install --yes --no-install-recommends "${missing[@]}"
  else
    echo "The tests need these commands on the PATH: ${missing[*]}" >&2
    echo 'Debian: sudo apt-get update && sudo apt-get install chromium redis-server' >&2
    echo 'Fedora: sudo dnf install chromium redis; Arch: sudo pacman -S chromium redis; macOS: brew install --cask chromium; brew install redis' >&2
    exit 1
  fi
fi

echo '== types'
tsc --noEmit
echo '== lint'
biome check .
echo '== dialogues'
node src/start.js check

echo '== tests'
report="$(mktemp)"
trap 'rm -f "$report"' EXIT
status=0
vitest run --config test/vitest.config.ts --reporter=default --reporter=json --outputFile.json="$report" || status=$?
node test/closing-line.js "$report" "$status"
exit "$status"
