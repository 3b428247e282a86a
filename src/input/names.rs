use crate::catalog::Catalog;

/// The lists of the catalogue and the templates that the prose blocks of a description choose from.
///
/// Each list is in the order in which messages and the schema show it.
#[derive(Clone, Debug, Default)]
pub struct CatalogueNames {
    /// Values of the fact `services.in-use`.
    pub services: Vec<String>,
    /// Kinds of personal data.
    pub data: Vec<String>,
    /// Groups of data subjects.
    pub subjects: Vec<String>,
    /// Principles and rights that a measure serves.
    pub principles: Vec<String>,
    /// Legal bases, e.g. `6(1)(e)`.
    pub legal_bases: Vec<String>,
    /// Conditions for special categories, e.g. `9(2)(h)`.
    pub special_conditions: Vec<String>,
    /// Kinds of organisation.
    pub organisation_kinds: Vec<String>,
    /// Roles of parties.
    pub roles: Vec<String>,
    /// Rating methods.
    pub methods: Vec<String>,
    /// Report structures.
    pub structures: Vec<String>,
    /// Languages, as ISO 639 codes.
    pub languages: Vec<String>,
    /// Ids of the catalogue's measures.
    pub measures: Vec<String>,
    /// Kinds of data in the catalogue's retention register.
    pub retention_kinds: Vec<String>,
    /// Kinds of evidence.
    pub evidence_kinds: Vec<String>,
    /// Ids of the catalogue's risks.
    pub risks: Vec<String>,
}

/// Which of the lists a key chooses from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum List {
    Services,
    Data,
    Subjects,
    Principles,
    LegalBases,
    SpecialConditions,
    OrganisationKinds,
    Roles,
    Methods,
    Structures,
    Languages,
    Measures,
    RetentionKinds,
    EvidenceKinds,
}

impl List {
    /// What an entry is called in messages.
    pub(super) fn noun(self) -> &'static str {
        match self {
            Self::Services => "a service of the catalogue",
            Self::Data => "a kind of personal data of the catalogue",
            Self::Subjects => "a group of data subjects of the catalogue",
            Self::Principles => "a principle of the catalogue",
            Self::LegalBases => "a legal basis of Art. 6(1) GDPR",
            Self::SpecialConditions => "a condition of Art. 9(2) GDPR",
            Self::OrganisationKinds => "a kind of organisation of the catalogue",
            Self::Roles => "a role of the catalogue",
            Self::Methods => "a method of the catalogue",
            Self::Structures => "a report structure",
            Self::Languages => "a language of reports",
            Self::Measures => "a measure of the catalogue",
            Self::EvidenceKinds => "a kind of evidence of the catalogue",
            Self::RetentionKinds => "a kind of data in the catalogue's retention register",
        }
    }

    /// The code for a value that is not in the list.
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::Structures => "structure-unknown",
            Self::Languages => "language-unknown",
            Self::Measures | Self::RetentionKinds | Self::EvidenceKinds => "reference-unknown",
            _ => "choice-unknown",
        }
    }
}

impl CatalogueNames {
    /// The lists of a catalogue; structures and languages are those of the templates.
    pub fn new(catalog: &Catalog, structures: Vec<String>, languages: Vec<String>) -> Self {
        let services = catalog.vocabulary.get("services.in-use").map(|f| f.ty.values().iter().map(|(id, _)| id.clone()).collect());
        Self {
            services: services.unwrap_or_default(),
            data: catalog.ids("data"),
            subjects: catalog.ids("subjects"),
            principles: catalog.ids("principles"),
            legal_bases: catalog.ids("legal-bases"),
            special_conditions: catalog.ids("special-conditions"),
            organisation_kinds: catalog.ids("organisation-kinds"),
            roles: catalog.ids("roles"),
            methods: catalog.methods.keys().cloned().collect(),
            structures,
            languages,
            measures: catalog.measures.keys().cloned().collect(),
            retention_kinds: catalog.retention.keys().cloned().collect(),
            evidence_kinds: catalog.evidence.keys().cloned().collect(),
            risks: catalog.risks.keys().cloned().collect(),
        }
    }

    /// The values of a list.
    pub(super) fn list(&self, list: List) -> &[String] {
        match list {
            List::Services => &self.services,
            List::Data => &self.data,
            List::Subjects => &self.subjects,
            List::Principles => &self.principles,
            List::LegalBases => &self.legal_bases,
            List::SpecialConditions => &self.special_conditions,
            List::OrganisationKinds => &self.organisation_kinds,
            List::Roles => &self.roles,
            List::Methods => &self.methods,
            List::Structures => &self.structures,
            List::Languages => &self.languages,
            List::Measures => &self.measures,
            List::RetentionKinds => &self.retention_kinds,
            List::EvidenceKinds => &self.evidence_kinds,
        }
    }
}
