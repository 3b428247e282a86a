#!/usr/bin/env bash
# Compares whole processes: dpia365 from the description to the PDF, and `typst compile` of the very same finished document (same view,
# templates, fonts and standards). Needs `typst` (cargo install typst-cli) and GNU time.
#
#   benches/compare.sh [EXAMPLE] [RUNS] [BINARY]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
example=${1:-examples/municipality} runs=${2:-5} binary=${3:-target/debug/dpia365}
command -v typst >/dev/null || { echo "typst is not installed" >&2; exit 2; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r templates "$work/doc"
"$binary" report "$example" -o "$work/a.pdf"
"$binary" report "$example" --format json -o "$work/doc/view.json"
"$binary" open "$work/a.pdf" -o "$work/doc/attachments" >/dev/null

ours() { "$binary" report "$example" -o "$work/a.pdf"; }
theirs() {
    typst compile --root "$work/doc" --font-path "$work/doc/fonts" --ignore-system-fonts --features a11y-extras \
        --pdf-standard ua-1,a-3a "$work/doc/report.typ" "$work/b.pdf"
}
measure() { /usr/bin/time -f '%e s  %M KB' "$@" 2>&1 | tail -n 1; }
export -f ours theirs
export binary example work

for ((i = 1; i <= runs; i++)); do
    printf 'dpia365 %s    typst %s\n' "$(measure bash -c ours)" "$(measure bash -c theirs)"
done
