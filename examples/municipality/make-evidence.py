#!/usr/bin/python3
"""Makes the files in evidence/, as the administrators of the municipality would export them.

The shapes (headings, names of parameters, spelling of values) are the documented ones; only of the export of Cloud Policy and of the list of
sub-processors no document shows the headings. The data are invented: no real tenant's data are in these files, and the identifiers of apps,
tenants and policies are made up (those of permissions and of Microsoft's own tenant are Microsoft's public ones). The lists are cut to a few
rows. Run it again, and the same files come out, byte for byte. The questionnaires are made by make-questionnaires.sh.
"""
import csv
import hashlib
import io
import json
import pathlib
import zipfile
from xml.sax.saxutils import escape

HERE = pathlib.Path(__file__).parent / "evidence"
TENANT = "5f3c0000-0000-4000-8000-00000000da7e"  # the municipality's
VENDOR = "c1c10000-0000-4000-8000-0000000c1c1d"  # CI-Cloud's
MICROSOFT = "f8cdef31-a31e-4b4a-93e4-5f571e91255a"
GRAPH = "00000003-0000-0000-c000-000000000000"


def write(name, text, encoding="utf-8-sig"):
    (HERE / name).write_bytes(text.replace("\n", "\r\n").encode(encoding))


def table(name, rows, sep=",", encoding="utf-8-sig"):
    """Rows as Export-Csv writes them: every cell quoted. With a semicolon: saved again by a spreadsheet program in Dutch."""
    out = io.StringIO()
    quoting = csv.QUOTE_ALL if sep == "," else csv.QUOTE_MINIMAL
    csv.writer(out, delimiter=sep, quoting=quoting, lineterminator="\n").writerows(rows)
    write(name, out.getvalue(), encoding)


def policies(name, first, *others, **options):
    """Policies, one a row: the first has all parameters, the others what differs."""
    heads = ["Identity", *first]
    rows = [["Global", *first.values()]]
    for identity, changes in others:
        rows.append([f"Tag:{identity}", *{**first, **changes}.values()])
    table(name, [heads, *rows], **options)


def listed(name, values, encoding="utf-8-sig"):
    """One object as Format-List writes it."""
    width = max(map(len, values))
    write(name, "\n\n" + "".join(f"{k.ljust(width)} : {v}\n" for k, v in values.items()) + "\n\n", encoding)


def objects(name, value):
    write(name, json.dumps(value, indent=2, ensure_ascii=False) + "\n", "utf-8")


def workbook(name, sheets):
    """The least that makes a workbook: texts in the cells, nothing else."""
    def column(n):
        return chr(65 + n) if n < 26 else chr(64 + n // 26) + chr(65 + n % 26)

    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    rels = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    types = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    numbers = range(1, len(sheets) + 1)
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{types}.sheet.main+xml"/>'
        + "".join(f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{types}.worksheet+xml"/>' for n in numbers)
        + "</Types>",
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" Type="{rels}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{rels}"><sheets>'
        + "".join(f'<sheet name="{escape(s)}" sheetId="{n}" r:id="r{n}"/>' for n, s in zip(numbers, sheets))
        + "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">'
        + "".join(f'<Relationship Id="r{n}" Type="{rels}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n in numbers)
        + "</Relationships>",
    }
    for n, rows in zip(numbers, sheets.values()):
        lines = "".join(
            f'<row r="{y}">'
            + "".join(f'<c r="{column(x)}{y}" t="inlineStr"><is><t>{escape(text)}</t></is></c>' for x, text in enumerate(row))
            + "</row>"
            for y, row in enumerate(rows, 1)
        )
        parts[f"xl/worksheets/sheet{n}.xml"] = f'<worksheet xmlns="{main}"><sheetData>{lines}</sheetData></worksheet>'
    with zipfile.ZipFile(HERE / name, "w") as archive:
        for path, text in parts.items():
            info = zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n' + text)


def concealed(number, kind):
    """A name as usage reports conceal it: 32 hexadecimal digits."""
    return hashlib.md5(f"{kind}-{number}".encode()).hexdigest().upper()


# ---- Teams

meetings = {
    "Description": "",
    "AllowCloudRecording": "True",
    "AllowTranscription": "False",
    "NewMeetingRecordingExpirationDays": "120",
    "ExplicitRecordingConsent": "Disabled",
    "ChannelRecordingDownload": "Allow",
    "LiveCaptionsEnabledType": "DisabledUserOverride",
    "AllowEngagementReport": "Enabled",
    "InfoShownInReportMode": "FullInformation",
    "SpeakerAttributionMode": "DisabledUserOverride",
    "AllowAnonymousUsersToJoinMeeting": "True",
    "AutoAdmittedUsers": "EveryoneInCompanyExcludingGuests",
    "MeetingChatEnabledType": "EnabledExceptAnonymous",
}
private = {"AllowCloudRecording": "False", "NewMeetingRecordingExpirationDays": "60"}
policies(
    "teams-meeting-policies.csv",
    meetings,
    ("Sociaal domein", private),
    ("Ondernemingsraad", private),
    ("Proef transcriptie 2025", {"AllowTranscription": "True"}),
    # These are in every tenant.
    ("AllOn", {"AllowTranscription": "True", "AutoAdmittedUsers": "EveryoneInCompany", "MeetingChatEnabledType": "Enabled"}),
    ("AllOff", {"AllowCloudRecording": "False", "AllowAnonymousUsersToJoinMeeting": "False", "MeetingChatEnabledType": "Disabled"}),
    ("RestrictedAnonymousAccess", {"AllowTranscription": "True", "MeetingChatEnabledType": "Enabled"}),
    ("RestrictedAnonymousNoRecording", {"AllowCloudRecording": "False", "MeetingChatEnabledType": "Enabled"}),
    ("Default", {"AllowTranscription": "True", "AutoAdmittedUsers": "EveryoneInCompany", "MeetingChatEnabledType": "Enabled"}),
    ("Kiosk", {"AllowCloudRecording": "False", "MeetingChatEnabledType": "Enabled"}),
)
messages = {
    "Description": "",
    "AllowGiphy": "False",
    "GiphyRatingType": "Moderate",
    "AllowUrlPreviews": "True",
    "ReadReceiptsEnabledType": "UserPreference",
    "UseB2BInvitesToAddExternalUsers": "False",
    "AutoShareFilesInExternalChats": "Enabled",
}
built_in = {"AllowGiphy": "True", "UseB2BInvitesToAddExternalUsers": "True"}
policies(
    "teams-messaging-policies.csv",
    messages,
    *((n, built_in) for n in ("Default", "EduFaculty", "EduStudent")),
    encoding="utf-16",
)
calls = {
    "Description": "",
    "AllowPrivateCalling": "True",
    "AllowCloudRecordingForCalls": "False",
    "AllowTranscriptionForCalling": "False",
    "AllowVoicemail": "AlwaysDisabled",
}
policies(
    "teams-calling-policies.csv",
    calls,
    ("AllowCalling", {"AllowVoicemail": "UserOverride"}),
    ("DisallowCalling", {"AllowPrivateCalling": "False", "AllowVoicemail": "AlwaysDisabled"}),
    ("AllowCallingPreventTollBypass", {"AllowVoicemail": "UserOverride"}),
    ("AllowCallingPreventForwardingtoPhone", {"AllowVoicemail": "UserOverride"}),
)
encryption = {"Description": "", "CallingEndtoEndEncryptionEnabledType": "Disabled", "MeetingEndToEndEncryption": "Disabled"}
policies(
    "teams-encryption-policies.csv",
    encryption,
    ("Disabled", {}),
    ("UserControlled", {"CallingEndtoEndEncryptionEnabledType": "DisabledUserOverride", "MeetingEndToEndEncryption": "DisabledUserOverride"}),
)
policies(
    "teams-ai-policies.csv",
    {"Description": "", "EnrollFace": "Disabled", "EnrollVoice": "Disabled", "PassiveVoiceEnrollment": "Disabled"},
    sep=";",
)
policies("teams-work-location-policies.csv", {"EnableWorkLocationDetection": "False", "UserSettingsDefault": "Disabled"})
feedback = {"UserInitiatedMode": "Disabled", "ReceiveSurveysMode": "Disabled", "AllowScreenshotCollection": "False", "AllowLogCollection": "False"}
on = {"UserInitiatedMode": "Enabled", "AllowScreenshotCollection": "True", "AllowLogCollection": "True"}
policies(
    "teams-feedback-policies.csv",
    feedback,
    ("UserChoice", {**on, "ReceiveSurveysMode": "EnabledUserOverride"}),
    ("Enabled", {**on, "ReceiveSurveysMode": "Enabled"}),
    ("Disabled", {}),
)
policies(
    "teams-voicemail-policies.csv",
    {"EnableTranscription": "True", "EnableTranscriptionProfanityMasking": "False"},
    ("Default", {}),
    ("TranscriptionProfanityMaskingEnabled", {"EnableTranscriptionProfanityMasking": "True"}),
    ("TranscriptionDisabled", {"EnableTranscription": "False"}),
)
policies(
    "teams-app-setup-policies.csv",
    {"AllowSideLoading": "False", "AllowUserPinning": "True"},
    ("FirstLineWorker", {}),
)
table("teams-app-settings.csv", [
    ["SettingName", "SettingValue"],
    ["DefaultApp", "All"], ["GlobalApp", "None"], ["PrivateApp", "None"], ["EnableCopilotExtensibility", "None"],
])  # fmt: skip
listed("teams-client-configuration.txt", {
    "Identity": "Global",
    "AllowEmailIntoChannel": "True",
    "RestrictedSenderList": "waterhoek.example",
    "AllowDropBox": "False",
    "AllowBox": "False",
    "AllowGoogleDrive": "False",
    "AllowShareFile": "False",
    "AllowEgnyte": "False",
    "AllowGuestUser": "True",
})  # fmt: skip
# Windows PowerShell 5.1 writes UTF-16 where nobody asks for something else.
listed("teams-federation.txt", {
    "Identity": "Global",
    "AllowedDomains": "Domain=jeugdregio.example,Domain=buurgemeente.example",
    "BlockedDomains": "",
    "AllowFederatedUsers": "True",
    "AllowTeamsConsumer": "False",
    "AllowTeamsConsumerInbound": "False",
}, "utf-16")  # fmt: skip
table("teams-policy-assignments.csv", [
    ["TeamsMeetingPolicy", "TeamsMessagingPolicy", "TeamsCallingPolicy", "TeamsEnhancedEncryptionPolicy", "TeamsAIPolicy",
     "TeamsWorkLocationDetectionPolicy", "TeamsFeedbackPolicy", "TeamsAppSetupPolicy", "OnlineVoicemailPolicy"],
    *[["", *[""] * 8]] * 30, *[["Sociaal domein", *[""] * 8]] * 8, *[["Ondernemingsraad", *[""] * 8]] * 2,
])  # fmt: skip

# ---- Exchange and Outlook

listed("organisation-config.txt", {
    "AuditDisabled": "False",
    "DelayedDelicensingEnabledState": "Enabled: False; EndUserMailNotificationsEnabled: False",
    "CustomerLockBoxEnabled": "False",
    "OutlookGifPickerDisabled": "True",
    "LinkPreviewEnabled": "False",
    "WebSuggestedRepliesDisabled": "False",
    "SmtpActionableMessagesEnabled": "False",
    "ConnectorsEnabled": "False",
    "BookingsEnabled": "False",
})  # fmt: skip
owa = {
    "PersonalAccountsEnabled": "True",
    "OneWinNativeOutlookEnabled": "True",
    "WeatherEnabled": "False",
    "PlacesEnabled": "False",
    "InterestingCalendarsEnabled": "False",
    "LocalEventsEnabled": "False",
    "AdditionalStorageProvidersAvailable": "False",
    "WacExternalServicesEnabled": "False",
    "FeedbackEnabled": "False",
    "NpsSurveysEnabled": "False",
    "UserVoiceEnabled": "False",
    "AllowedOrganizationAccountDomains": "",
}
table("owa-policies.csv", [
    ["Name", "IsDefault", *owa],
    ["OwaMailboxPolicy-Default", "True", *owa.values()],
    ["Proef opslag 2019", "False", *{**owa, "AdditionalStorageProvidersAvailable": "True"}.values()],
], sep=";")  # fmt: skip
table("owa-policy-assignments.csv", [["OwaMailboxPolicy"], *[["OwaMailboxPolicy-Default"]] * 40])
table("sharing-policies.csv", [
    ["Name", "Default", "Enabled", "Domains"],
    ["Default Sharing Policy", "True", "True", "*:CalendarSharingFreeBusySimple; Anonymous:CalendarSharingFreeBusySimple"],
])  # fmt: skip
table("cas-mailboxes.csv", [["OneWinNativeOutlookEnabled", "OutlookMobileEnabled"], *[["True", "True"]] * 40])
table("mailbox-settings.csv", [["AuditLogAgeLimit", "RetainDeletedItemsFor"], *[["90.00:00:00", "14.00:00:00"]] * 40])
table("audit-bypass.csv", [["AuditBypassEnabled"], *[["False"]] * 40])
table("audit-search.csv", [["RecordType", "Operation"], *[["ExchangeItemAggregated", "MailItemsAccessed"]] * 6, ["ExchangeItem", "Send"]])

# ---- SharePoint and OneDrive

sharepoint = {
    "SharingCapability": "ExternalUserSharingOnly",
    "CoreSharingCapability": "ExternalUserSharingOnly",
    "OneDriveSharingCapability": "ExternalUserSharingOnly",
    "DefaultSharingLinkType": "Direct",
    "CoreDefaultShareLinkScope": "SpecificPeople",
    "OneDriveDefaultShareLinkScope": "SpecificPeople",
    "CoreDefaultLinkToExistingAccess": "False",
    "OneDriveDefaultLinkToExistingAccess": "False",
    "DefaultLinkPermission": "None",
    "CoreDefaultShareLinkRole": "None",
    "OneDriveDefaultShareLinkRole": "None",
    "ShowEveryoneClaim": "False",
    "ShowAllUsersClaim": "False",
    "ShowEveryoneExceptExternalUsersClaim": "True",
    "DisplayNamesOfFileViewers": "True",
    "DisplayNamesOfFileViewersInSpo": "False",
    "OrphanedPersonalSitesRetentionPeriod": "365",
}
table("sharepoint-tenant.csv", [list(sharepoint), list(sharepoint.values())])

# ---- Settings of the organisation, by Microsoft Graph

ROOT = "https://graph.microsoft.com"
objects("item-insights.json", {
    "@odata.context": f"{ROOT}/v1.0/$metadata#admin/people/itemInsights/$entity",
    "id": "f1f50000-0000-4000-8000-000000001f1f", "isEnabledInOrganization": True, "disabledForGroup": None,
})  # fmt: skip
objects("pronouns.json", {"@odata.context": f"{ROOT}/v1.0/$metadata#admin/people/pronouns/$entity", "isEnabledInOrganization": False})
objects("report-settings.json", {"@odata.context": f"{ROOT}/v1.0/$metadata#admin/reportSettings/$entity", "displayConcealedNames": True})
objects("forms-settings.json", {
    "@odata.context": f"{ROOT}/beta/$metadata#admin/forms/$entity",
    "settings": {
        "isExternalSendFormEnabled": False, "isExternalShareCollaborationEnabled": False, "isExternalShareResultEnabled": False,
        "isExternalShareTemplateEnabled": False, "isRecordIdentityByDefaultEnabled": True, "isBingImageSearchEnabled": False,
        "isInOrgFormsPhishingScanEnabled": True,
    },
})  # fmt: skip
# The policies' names are Microsoft's.
objects("authorization-policy.json", {
    "@odata.context": f"{ROOT}/v1.0/$metadata#policies/authorizationPolicy/$entity",
    "id": "authorizationPolicy",
    "allowInvitesFrom": "adminsGuestInvitersAndAllMembers",
    "guestUserRoleId": "2af84b1e-32c8-42b7-82bc-daa82404023b",
    "defaultUserRolePermissions": {
        "allowedToCreateApps": False,
        "allowedToCreateSecurityGroups": False,
        "allowedToReadOtherUsers": True,
        "permissionGrantPoliciesAssigned": ["ManagePermissionGrantsForOwnedResource.microsoft-dynamically-managed-permissions-for-team"],
    },
})  # fmt: skip
table("admin-consent-policy.csv", [
    ["IsEnabled", "NotifyReviewers", "RemindersEnabled", "RequestDurationInDays"], ["True", "True", "True", "30"],
])  # fmt: skip
table("security-defaults.csv", [["SecurityDefaultsEnabled"], ["False"]])
table("users.csv", [
    ["userType", "accountEnabled", "usageLocation"],
    *[["Member", "True", "NL"]] * 34, *[["Member", "False", "NL"]] * 3, *[["Guest", "True", ""]] * 9,
])  # fmt: skip

# ---- Office apps

table("cloud-policy.csv", [
    ["Policy", "Platform", "Status"],
    ["Allow the use of connected experiences in Office that analyze content", "All", "Enabled"],
    ["Allow the use of connected experiences in Office that download online content", "All", "Enabled"],
    ["Allow users to submit feedback to Microsoft", "All", "Disabled"],
    ["Allow users to receive and respond to in-product surveys from Microsoft", "All", "Disabled"],
    ["Allow users to access feedback portal", "All", "Disabled"],
    ["Allow Microsoft to follow up on feedback submitted by users", "All", "Disabled"],
    ["Allow users to include screenshots and attachments when they submit feedback to Microsoft", "All", "Disabled"],
    ["Allow users to include log files and content samples when feedback is submitted to Microsoft", "All", "Disabled"],
    ['Hide the "Try the new Outlook" toggle in Outlook', "Windows", "Enabled"],
    ["Show LinkedIn features in Office applications", "Windows", "Disabled"],
], sep=";")  # fmt: skip

# ---- Licences and use

table("licenties.csv", [
    ["Producttitel", "Totaal aantal licenties", "Verlopen licenties", "Toegewezen licenties", "Statusbericht"],
    ["Microsoft 365 E3", "1040", "0", "1021", ""],
    ["Microsoft 365 F3", "170", "0", "160", ""],
], sep=";")  # fmt: skip
# The plans of Viva Insights in these products are left out: they are unticked for every person, which such a list does not show.
plans = {
    "SPE_E3": ["AAD_PREMIUM", "EXCHANGE_S_ENTERPRISE", "INTUNE_A", "MFA_PREMIUM", "OFFICESUBSCRIPTION", "SHAREPOINTENTERPRISE", "TEAMS1"],
    "SPE_F1": ["AAD_PREMIUM", "EXCHANGE_S_DESKLESS", "INTUNE_A", "MFA_PREMIUM", "OFFICEMOBILE_SUBSCRIPTION", "SHAREPOINTDESKLESS", "TEAMS1"],
}
table("licence-service-plans.csv", [
    ["ServicePlanName", "SkuPartNumber", "ConsumedUnits", "CapabilityStatus"],
    *[[plan, sku, {"SPE_E3": "1021", "SPE_F1": "160"}[sku], "Enabled"] for sku, names in plans.items() for plan in names],
])  # fmt: skip


def usage(name, person, heads, row, last=(), number=20):
    """A usage report: the days of last activity lie in the weeks before the report."""
    day = "2026-11-14"
    rows = [["Report Refresh Date", *person, *heads, *last]]
    for n in range(number):
        rows.append([day, *(concealed(n, p) for p in person), *row(n), *(["90"] if last else [])])
    table(name, rows, encoding="utf-8")


def days(n, *offsets):
    return [f"2026-11-{13 - (n + o) % 9:02}" for o in offsets]


who = ["User Principal Name"]
period = ["Report Period"]
usage(
    "usage-active-users.csv", ["User Principal Name", "Display Name"],
    ["Is Deleted", "Has Exchange License", "Has OneDrive License", "Has SharePoint License", "Has Yammer License", "Has Teams License",
     "Exchange Last Activity Date", "OneDrive Last Activity Date", "SharePoint Last Activity Date", "Yammer Last Activity Date",
     "Teams Last Activity Date"],
    lambda n: ["False", "True", "True", "True", "False", "True", *days(n, 0, 1, 2), "", *days(n, 0)],
)  # fmt: skip
usage(
    "usage-apps-platforms.csv", who,
    ["Last Activation Date", "Last Activity Date", "Windows", "Mac", "Mobile", "Web", "Outlook (Windows)", "Word (Windows)", "Outlook (Mac)",
     "Word (Mac)", "Outlook (Mobile)", "Word (Mobile)", "Outlook (Web)", "Word (Web)", "Teams (Windows)", "Teams (Mobile)"],
    lambda n: ["2026-09-01", *days(n, 0), "Yes", "No", "Yes", "Yes", "Yes", "Yes", "No", "No", "Yes", "Yes", "Yes", "Yes", "Yes", "Yes"],
    period,
)  # fmt: skip
usage(
    "usage-mail-clients.csv", ["User Principal Name", "Display Name"],
    ["Is Deleted", "Last Activity Date", "Mail For Mac", "Outlook For Mac", "Outlook For Windows", "Outlook For Mobile", "Other For Mobile",
     "Outlook For Web", "POP3 App", "IMAP4 App", "SMTP App"],
    lambda n: ["False", *days(n, 0), "", "", *days(n, 0), *days(n, 1), "", *days(n, 2), "", "", ""],
    period,
)  # fmt: skip
usage(
    "usage-teams.csv", who,
    ["Last Activity Date", "Team Chat Message Count", "Private Chat Message Count", "Call Count", "Meeting Count",
     "Ad Hoc Meetings Organized Count", "Scheduled One-time Meetings Organized Count", "Is Licensed"],
    lambda n: [*days(n, 0), str(n), str(3 * n + 5), str(n % 7), str(n + 2), str(n % 3), str(n % 4 + 1), "Yes"],
    period,
)  # fmt: skip

# ---- Apps of other vendors: object id, app id, name, permissions of the application by their public identifiers

GUIDS = {
    "Directory.Read.All": "7ab1d382-f21e-4acd-a863-ba3e13f7da61",
    "User.Read.All": "df021288-bdef-4463-88db-98f22de89214",
    "Mail.ReadWrite": "e2a3a72e-5f79-4c64-b1b1-878b674786c9",
    "Calendars.ReadWrite": "ef54d2bf-783f-4e0f-bca1-3210c0444d99",
    "Contacts.ReadWrite": "6918b873-d17a-4dc1-b314-35f528134491",
    "Group.Read.All": "5b567255-7703-4780-807c-7be8301ae99b",
    "MailboxSettings.ReadWrite": "6931bccd-447a-43d1-b442-00a195474933",
}
APPS = [
    ("CI-Cloud-MSG", ["Directory.Read.All", "User.Read.All"]),
    ("CI-Cloud-MSG-Updater", ["Mail.ReadWrite"]),
    ("CI-Out-of-Office-Manager", [
        "Directory.Read.All", "User.Read.All", "Calendars.ReadWrite", "Contacts.ReadWrite", "Group.Read.All", "MailboxSettings.ReadWrite",
    ]),
    ("CI-Cloud-Updater", []),
]  # fmt: skip


def ids(n):
    return f"0b1ec700-0000-4000-8000-00000000000{n}", f"a9900000-0000-4000-8000-00000000000{n}"


grants = [
    ["Application", *ids(n), name, "Microsoft Graph", permission, "No", VENDOR]
    for n, (name, permissions) in enumerate(APPS, 1)
    for permission in permissions
]
grants.append(["Delegated-AllPrincipals", *ids(4), "CI-Cloud-Updater", "Office 365 Exchange Online", "EWS.AccessAsUser.All", "No", VENDOR])
tool = ["0b1ec700-0000-4000-8000-000000000009", "a9900000-0000-4000-8000-000000000009", "Aanmelden voor beheer"]
grants.append(["Delegated-AllPrincipals", *tool, "Microsoft Graph", "User.Read", "Yes", MICROSOFT])
workbook("app-consent.xlsx", {"ConsentGrantData": [
    ["PermissionType", "ClientObjectId", "AppId", "ClientDisplayName", "ResourceDisplayName", "Permission", "MicrosoftApp",
     "AppOwnerOrganizationId"],
    *grants,
]})  # fmt: skip
table("enterprise-apps.csv", [
    ["id", "displayName", "appId", "homepage", "applicationType", "accountEnabled"],
    *[[ids(n)[0], name, ids(n)[1], "", "Enterprise Application", "True"] for n, (name, _) in enumerate(APPS, 1)],
    [tool[0], tool[2], tool[1], "", "Microsoft Application", "True"],
])  # fmt: skip
table("service-principals.csv", [
    ["Id", "AppId", "DisplayName", "AccountEnabled", "AppOwnerOrganizationId", "ServicePrincipalType", "SignInAudience"],
    *[[*ids(n), name, "True", VENDOR, "Application", "AzureADMultipleOrgs"] for n, (name, _) in enumerate(APPS, 1)],
    [*tool, "True", MICROSOFT, "Application", "AzureADMultipleOrgs"],
])  # fmt: skip
table("app-role-assignments.csv", [
    ["AppRoleId", "PrincipalId", "PrincipalDisplayName", "PrincipalType", "ResourceDisplayName", "ResourceId"],
    *[[GUIDS[g[5]], g[1], g[3], "ServicePrincipal", g[4], GRAPH] for g in grants if g[0] == "Application"],
])  # fmt: skip
table("delegated-grants.csv", [
    ["ClientId", "ConsentType", "ResourceId", "Scope"],
    [ids(4)[0], "AllPrincipals", "00000002-0000-0ff1-ce00-000000000000", " EWS.AccessAsUser.All"],
    [tool[0], "AllPrincipals", GRAPH, " User.Read"],
])  # fmt: skip

# ---- Retention: the trial with two teams, and nothing for everybody

table("retention-policies.csv", [
    ["Guid", "Enabled", "Mode", "ExchangeLocation", "TeamsChatLocation", "TeamsChannelLocation", "FilesLocation", "CopilotLocation"],
    ["de1e7e00-0000-4000-8000-000000000001", "True", "Enforce", "", "Part", "", "", ""],
])  # fmt: skip
table("retention-rules.csv", [
    ["Policy", "Disabled", "Mode", "RetentionDuration", "ExpirationDateOption", "HasQuery", "RetentionComplianceAction"],
    ["de1e7e00-0000-4000-8000-000000000001", "False", "Enforce", "365", "CreationAgeInDays", "False", "Delete"],
])  # fmt: skip

# ---- Tools that check the posture

controls = {
    "AAD": {"1.1": "Pass", "3.1": "Fail", "3.5": "Pass", "3.6": "Pass", "5.1": "Pass", "5.3": "Pass", "8.1": "Pass", "8.2": "Warning"},
    "EXO": {"13.1": "Pass"},
    "SHAREPOINT": {"1.1": "Fail", "2.1": "Pass", "2.2": "Fail"},
    "TEAMS": {"1.3": "Pass", "1.4": "Pass", "2.2": "Pass", "2.3": "Pass", "4.1": "Fail"},
}
objects("ScubaResults.json", {
    "MetaData": {"TenantId": TENANT, "Tool": "ScubaGear", "ToolVersion": "1.6.0", "TimestampZulu": "2026-11-12T08:30:00.000Z"},
    "Summary": {},
    "Results": {product: [{"GroupName": product, "GroupNumber": "1", "Controls": [
        {"Control ID": f"MS.{product}.{number}v1", "Requirement": "", "Result": result, "Criticality": "Shall", "Details": ""}
        for number, result in results.items()
    ]}] for product, results in controls.items()},
})  # fmt: skip
checks = {
    "admincenter_external_calendar_sharing_disabled": ("admincenter", "FAIL"),
    "entra_admin_consent_workflow_enabled": ("entra", "PASS"),
    "entra_policy_guest_invite_only_for_admin_roles": ("entra", "FAIL"),
    "entra_policy_guest_users_access_restrictions": ("entra", "PASS"),
    "entra_policy_restricts_user_consent_for_apps": ("entra", "PASS"),
    "entra_thirdparty_integrated_apps_not_allowed": ("entra", "PASS"),
    "exchange_mailbox_policy_additional_storage_restricted": ("exchange", "FAIL"),
    "exchange_organization_mailbox_auditing_enabled": ("exchange", "PASS"),
    "sharepoint_external_sharing_restricted": ("sharepoint", "PASS"),
    "teams_unmanaged_communication_disabled": ("teams", "PASS"),
}
table("prowler-output.csv", [
    ["TIMESTAMP", "PROVIDER", "CHECK_ID", "SERVICE_NAME", "STATUS", "MUTED"],
    *[["2026-11-10 09:12:44", "m365", check, service, status, "False"] for check, (service, status) in checks.items()],
], sep=";", encoding="utf-8")  # fmt: skip
tests = {
    "CISA.MS.AAD.3.5": "Passed", "CISA.MS.AAD.5.1": "Passed", "CISA.MS.AAD.5.2": "Passed", "CISA.MS.AAD.5.3": "Passed",
    "CISA.MS.AAD.8.1": "Passed", "CISA.MS.EXO.13.1": "Passed", "CISA.MS.EXO.6.2": "Passed", "CISA.MS.SHAREPOINT.2.1": "Passed",
    "EIDSCA.AP07": "Passed", "EIDSCA.AP10": "Passed", "EIDSCA.AP14": "Passed", "MT.1083": "Skipped",
}  # fmt: skip
objects("TestResults-2026-11-12.json", {
    "Result": "Passed", "TotalCount": len(tests), "ExecutedAt": "2026-11-12T09:05:00.000Z", "TenantId": "", "CurrentVersion": "2.0.0",
    "Tests": [{"Id": test, "Title": test, "Result": result, "ErrorRecord": []} for test, result in tests.items()],
})  # fmt: skip

# ---- The sub-processors of Kadewerk, the IT partner, with headings of its own

workbook("subverwerkers.xlsx", {"Bijlage 3": [
    ["Partij", "Wat zij doet", "Vestiging"],
    ["Voorbeeld Datacenter B.V.", "Opslag van de reservekopie en van de kopie van de logs", "Nederland"],
    ["Voorbeeld Nachtwacht B.V.", "Meldingen buiten kantooruren", "Nederland"],
    ["Voorbeeld Servicetools B.V.", "Meldingensysteem van de tweede lijn", "Nederland"],
]})  # fmt: skip
