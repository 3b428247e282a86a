#!/bin/bash
# Makes evidence/questionnaire-<role>.xlsx: the questionnaires of dpia365, filled in with LibreOffice as people would.
#
# The questions are those to a description in which nothing is answered yet. Answered is what no export shows; what an export shows, and what
# differs by group of people, stays empty. Functions and days are invented, like the municipality. LibreOffice writes the time into a workbook, so
# its bytes differ from one run to the next; its cells do not.
#
# usage: make-questionnaires.sh [the program dpia365]
set -euo pipefail
dpia365=$(realpath "$(command -v "${1:-dpia365}")")
cd "$(dirname "$0")"
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
sed '/^include = \[/,/^\]/d' deployment.toml | awk '/^\[/ { drop = /^\[population\.facts/ } !drop' > "$copy/deployment.toml"

# For each line `fact = answer`, or `fact scope scope … = answer`: sheet, cell and answer, found by the workbook's hidden columns.
read -r -d '' places <<'PYTHON' || true
import re, sys, zipfile
from xml.etree import ElementTree
book = zipfile.ZipFile(sys.argv[1])
tag = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
part = lambda name: ElementTree.fromstring(book.read("xl/" + name))
shared = ["".join(t.text or "" for t in s.iter(tag + "t")) for s in part("sharedStrings.xml")]
found = {}
for n, sheet in enumerate(part("workbook.xml").iter(tag + "sheet"), 1):
    names = {}
    for row in part(f"worksheets/sheet{n}.xml").iter(tag + "row"):
        text = {c.get("r").rstrip("0123456789"): shared[int(c[0].text)] for c in row if c.get("t") == "s"}
        names = names or ({v: k for k, v in text.items()} if "dpia365-fact" in text.values() else {})
        if names and text.get(names["dpia365-fact"]) != "dpia365-fact":
            key = text.get(names["dpia365-fact"]), text.get(names["dpia365-scope"], "")
            found[key] = sheet.get("name"), names[text[names["dpia365-answer"]]] + row.get("r")
for line in sys.stdin:
    keys, answer = line.strip().split(" = ")
    fact, *scopes = keys.split()
    for scope in scopes or [""]:
        print("--cell", *found[fact, scope], answer, sep="\0", end="\0")
PYTHON

fill() {
  local role=$1 function=$2 date=$3
  local -a cells
  "$dpia365" questions "$copy" --format xlsx --asked-of "$role" -o "$copy/$role.xlsx"
  python3 -c "$places" "$copy/$role.xlsx" > "$copy/cells"
  mapfile -d '' cells < "$copy/cells"
  ../../tests/evidence/fill-in.py "$copy/$role.xlsx" "evidence/questionnaire-$role.xlsx" \
    --set "Begin hier" "Uw functie, niet uw naam" "" "$function" \
    --set "Begin hier" "Datum van uw antwoorden" "" "$date" "${cells[@]}"
}

fill administrator "Functioneel beheerder Microsoft 365" 2026-11-18 <<'ANSWERS'
services.in-use member=exchange member=teams member=sharepoint member=onedrive member=office-desktop member=office-mobile member=office-web member=entra member=purview member=intune = ja
services.in-use member=viva member=copilot = nee
services.platforms member=windows member=ios member=android member=web = ja
services.platforms member=mac = nee
extra-services.in-use member=loop member=whiteboard member=forms member=bookings member=stream member=viva-engage member=power-platform member=clipchamp member=sway = nee
extra-services.in-use member=planner = ja
tenant.eu-data-boundary = ja
edge.in-use = nee
connected-experiences.all platform=windows = zoals geleverd
diagnostics.level platform=windows = alleen vereist
diagnostics.level platform=ios platform=android = zoals geleverd
support.cases-with-microsoft = ja
support.data-minimised = nee
connected-experiences.blocked-by-label = nee
windows.diagnostic-data = alleen vereist (voorheen: Basic)
connected-experiences.in-product-messages = nee
diagnostics.apps-inventory = nee
linkedin.account-connections = nee
outlook.added-accounts-cleaned-up = nee
ews.allow-list = onbekend
ews.enabled = onbekend
outlook.migration-stopped = zoals geleverd
outlook.new-enabled = zoals geleverd
outlook.new-in-use = ja
mailbox.access-limited = nee
mailbox.copied-by-rules = nee
mailbox.reachable-by = 7
outlook.app-removed = zoals geleverd
outlook.calendars-shared-outside = alleen bezette tijden
outlook.shared-calendars-reviewed = ja
outlook.without-work-account = nee
outlook.mobile-work-accounts-only = ja
teams.call-data-readers = 6
teams.call-data-roles-limited = nee
teams.guests-present = ja
teams.guest-reviews = nee
teams.anonymous-check = onbekend
teams.external-bots = onbekend
teams.third-party-apps = alleen beoordeelde en vrijgegeven apps
sharepoint.link-review = nee
sharepoint.sensitive-sites-closed = nee
copilot.chat-used = nee
copilot.chat-blocked = ja
entra.app-review = minder dan eens per jaar
entra.log-readers = 11
entra.log-roles-limited = nee
entra.mfa = iedereen
entra.sign-in-from-outside = nee
entra.directory-reveals = niets meer
intune.device-actions-limited = nee
intune.private-devices = nee
entra.mfa-alternative = ja
entra.private-phones-for-sign-in = nee
entra.self-registered-apps = nee
intune.work-phones = ook voor privégebruik
profile.photos = ja
entra.guest-leave = nee
add-ins.installed-by-users = nee
add-ins.store-open = nee
audit.log-readers = 9
audit.roles-limited = nee
communication-compliance.in-use = nee
ediscovery.roles-limited = nee
ediscovery.searchers = 5
insider-risk.in-use = nee
reports.readers = 6
reports.summary-role-only = nee
endpoint.observation member=device-timeline member=web-history member=cloud-app-activity member=dlp-incidents = nee
adoption-score.in-use = nee
viva.personal-licensed = nee
retention.policy-enforced = nee
retention.chat-policy = geen beleid
retention.file-policy = geen beleid
retention.mail-policy = geen beleid
leavers.mailbox-days = onbekend
leavers.manager-access = zoals geleverd
retention.backup-tested = ja
retention.holds = 0
encryption.double-key = nee
encryption.mail-double-key = nee
encryption.mail-smime = nee
contract.security-evidence-examined = ja
rights.copies-outside = ja
ANSWERS

fill hr "HR-adviseur" 2026-11-04 <<'ANSWERS'
teams.data-used-for-people = nee
intune.location-rules = ja
profile.voluntary = ja
audit.works-agreement = overeengekomen
reports.used-for-people = nee
audit.used-for-people = nee
endpoint.private-use = ja
leavers.per-year = 135
leavers.procedure = nee
leavers.private-use = ja
ANSWERS

fill dpo "Adviseur privacy, met de FG" 2026-11-10 <<'ANSWERS'
connected-experiences.rule-published = nee
diagnostics.people-informed = nee
outlook.people-informed = nee
teams.e2ee-instructed = nee
teams.recording-rules = ja
teams.guests-informed = nee
sharepoint.personal-files = dossiers over mensen: zaken, personeel, sollicitaties, resultaten
entra.directory-rule = ja
naming.policy = nee
audit.purpose-limits = ja
audit.access-reviewed = nee
ediscovery.procedure = nee
monitoring.people-informed = nee
retention.policy-published = ja
retention.outdated-content member=mail member=chats member=files = ja
retention.sole-copy member=mail member=personal-files member=shared-files member=recordings member=whiteboards = nee
encryption.sensitive-data-rule = nee
transfers.sensitive-mail-protected = nee
contract.processing-documented = ja
rights.content-dispersed = ja
rights.content-procedure = ja
rights.erasure-procedure = nee
rights.procedure-tested = nee
rights.employees-informed = nee
ANSWERS

fill contract-manager "Contractmanager ICT" 2026-10-27 <<'ANSWERS'
retention.exit-plan = nee
retention.exit-planned = ja
contract.terms = standaard Data Protection Addendum
contract.data-and-purposes-specified = nee
contract.deletion-assured = nee
contract.disclosure-duties = nee
contract.sovereign-offer member=data-guardian member=external-key-management member=regulated-environment-management member=partner-cloud member=microsoft-365-local = nee
contract.subprocessor-notices = ja
contract.transfer-countries-listed = nee
ANSWERS

fill management "Directeur Bedrijfsvoering" 2026-11-05 <<'ANSWERS'
teams.recorded-meetings member=lessons-and-announcements = ja
teams.recorded-meetings member=working-meetings member=with-outsiders member=personal-conversations = nee
teams.consultation-service = nee
teams.external-participants = ja
audit.four-eyes = nee
ANSWERS
