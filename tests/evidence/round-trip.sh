#!/usr/bin/env bash
# Writes a questionnaire and an action plan with dpia365, fills them in with LibreOffice, and lays them beside the cases that read them back.
# Needs LibreOffice Calc with its Python bridge; the tests read what it left and need neither. Run from the project's folder.
set -euo pipefail
here=tests/evidence
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/town"
cat > "$work/town/deployment.toml" <<'TOML'
format = 1
[assessment]
title = "Test"
language = "en"
as-of = 2026-11-22
running-since = 2025-01-01
review.date = 2027-11-22
[organisation]
name = "Test"
country = "NL"
kind = "company"
[services]
in-use = ["teams", "exchange", "office-desktop"]
platforms = ["windows"]
[[measure]]
id = "block-ews"
status = "planned"
owner = "Head of IT"
due = 2027-01-31
TOML
read -ra run <<< "${DPIA365:-cargo run --quiet --}"
fill() { /usr/bin/python3 $here/fill-in.py "$@"; }
# The cell of an answer: the row of a fact (and scope) in its sheet, found by the hidden columns.
cell() { /usr/bin/python3 $here/find-cell.py "$@"; }

"${run[@]}" questions "$work/town" --format xlsx --lang en -o "$work/q.xlsx" 2>/dev/null
set_() { IFS=$'\t' read -r sheet address < <(cell "$work/q.xlsx" "$1" "$2"); args+=(--cell "$sheet" "$address" "$3"); }
args=()
set_ function "" "Administrator of the tenant"
set_ date "" 2026-11-18
set_ teams.recording "" yes
set_ teams.recording-expiry-days "" 60
set_ diagnostics.level "" "as delivered"
set_ teams.guests-present "" unknown
fill "$work/q.xlsx" "$here/questionnaire/filled-in/questionnaire.xlsx" "${args[@]}"
fill "$work/q.xlsx" "$here/questionnaire/filled-in/questionnaire.ods" "${args[@]}"

"${run[@]}" report "$work/town" --format xlsx --lang en -o "$work/r.xlsx" 2>/dev/null
plan() { IFS=$'\t' read -r sheet address < <(/usr/bin/python3 $here/find-cell.py "$work/r.xlsx" "$1" "" "$2"); args+=(--cell "$sheet" "$address" "$3"); }
args=()
plan block-ews Status "in place"
plan block-ews Evidence "Ticket 4711"
plan agree-audit-right Status planned
plan agree-audit-right Owner "Head of IT"
plan agree-audit-right Due 2027-02-28
fill "$work/r.xlsx" "$here/action-plan/filled-in/plan.xlsx" "${args[@]}"
