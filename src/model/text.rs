use std::fmt;

/// A language that reports can be written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lang {
    En,
    Nl,
    De,
}

impl Lang {
    /// All languages, in fixed order.
    pub const ALL: [Self; 3] = [Self::En, Self::Nl, Self::De];

    /// The ISO 639 code.
    pub fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Nl => "nl",
            Self::De => "de",
        }
    }

    /// The language with this ISO 639 code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|l| l.code() == code)
    }
}

impl fmt::Display for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// A text in every language.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text([String; 3]);

impl Text {
    /// A text that is the same in every language, such as a name.
    pub fn same(text: &str) -> Self {
        Self([text.to_owned(), text.to_owned(), text.to_owned()])
    }

    /// A text made language by language.
    pub fn from_fn(f: impl FnMut(Lang) -> String) -> Self {
        Self(Lang::ALL.map(f))
    }

    /// The text in one language.
    pub fn get(&self, lang: Lang) -> &str {
        &self.0[lang as usize]
    }

    /// Whether nothing was written in any language.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(String::is_empty)
    }
}
