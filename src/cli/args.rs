use crate::sheets::Limits;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Drafts a data protection impact assessment (GDPR Art. 35) of a Microsoft 365 deployment.
#[derive(Debug, Parser)]
#[command(
    name = "dpia365",
    version,
    about,
    after_help = "Examples:
  dpia365 init my-dpia                              a commented starter description
  dpia365 check my-dpia                             what is wrong, and what is missing
  dpia365 report my-dpia                            my-dpia.pdf
  dpia365 report my-dpia --lang de --format md -o - the report as Markdown, in German
  dpia365 explain double-key-encryption             what a measure is, and how it is set"
)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Writes the report
    Report(ReportArgs),
    /// Shows what is wrong with a description, its findings, and what Art. 35 and 36 still ask; writes nothing
    Check(DeploymentArgs),
    /// Lists the open facts, those that could change most first
    Questions(QuestionsArgs),
    /// Says whether a DPIA is required, and by which criterion, list and fact
    Screen(ScreenArgs),
    /// Explains a risk, measure, fact, source, diagnostic code or finding
    Explain(ExplainArgs),
    /// Writes a commented starter description
    Init(InitArgs),
    /// Takes description and view out of a delivered report
    Open(OpenArgs),
    /// Prints the JSON Schema of the description
    Schema(SchemaArgs),
    /// Checks or lists a risk catalogue
    #[command(subcommand)]
    Catalog(CatalogCommand),
}

#[derive(Debug, Subcommand)]
pub enum CatalogCommand {
    /// Holds a catalogue against its rules
    Check(CatalogCheckArgs),
    /// Lists risks, measures, facts or sources
    List(CatalogListArgs),
}

#[derive(Debug, Args)]
pub struct CatalogCheckArgs {
    /// Reports statements about Microsoft last seen more than so many months before the catalogue's date
    #[arg(long, value_name = "MONTHS")]
    pub max_age: Option<u32>,
    /// Fails on warnings, too
    #[arg(long)]
    pub strict: bool,
    #[command(flatten)]
    pub common: Common,
}

#[derive(Debug, Args)]
pub struct CatalogListArgs {
    /// What to list
    #[arg(value_enum, default_value = "risks")]
    pub what: Listed,
    /// How to print it
    #[arg(long, value_enum, default_value = "table")]
    pub format: ListFormat,
    #[command(flatten)]
    pub common: Common,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Listed {
    Risks,
    Measures,
    Facts,
    /// What Microsoft does, as dated statements
    Vendor,
    Permissions,
    /// Lists of processing that requires a DPIA
    Lists,
    Sources,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    /// Aligned columns for a terminal
    Table,
    /// For other programs
    Json,
    /// The whole reference in Markdown
    Md,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  dpia365 questions my-dpia                                          on the terminal
  dpia365 questions my-dpia --format toml -o answers.toml            a fragment to fill in
  dpia365 questions my-dpia --format md --asked-of administrator     a letter to the administrator
  dpia365 questions my-dpia --format xlsx --asked-of hr -o hr.xlsx   a workbook that HR fills in")]
pub struct QuestionsArgs {
    #[command(flatten)]
    pub input: DeploymentArgs,
    /// How to print them
    #[arg(long, value_enum, default_value = "text")]
    pub format: QuestionsFormat,
    /// Only the questions to one role: administrator, hr, dpo, contract-manager or management
    #[arg(long, value_name = "ROLE")]
    pub asked_of: Option<String>,
    /// Where to write; `-` is standard output
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    pub output: PathBuf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum QuestionsFormat {
    /// For a terminal
    Text,
    /// A fragment of a description to fill in
    Toml,
    /// A letter in Markdown, in the language of the description
    Md,
    /// A workbook to fill in, with drop-down lists; it comes back as [[evidence]]
    Xlsx,
}

#[derive(Debug, Args)]
pub struct ScreenArgs {
    #[command(flatten)]
    pub input: DeploymentArgs,
    /// How to print it
    #[arg(long, value_enum, default_value = "text")]
    pub format: ScreenFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ScreenFormat {
    /// For a terminal
    Text,
    /// For other programs
    Json,
}

/// Where knowledge and look come from.
#[derive(Clone, Debug, Default, Args)]
pub struct Common {
    /// Lays a risk catalogue over the one that dpia365 carries; may be given several times
    #[arg(long, value_name = "DIR")]
    pub catalog: Vec<PathBuf>,
    /// Lays templates over those that dpia365 carries
    #[arg(long, value_name = "DIR")]
    pub templates: Option<PathBuf>,
    /// Language of what is printed: en, nl or de
    #[arg(long, value_name = "LANG")]
    pub lang: Option<String>,
}

#[derive(Clone, Debug, Args)]
pub struct DeploymentArgs {
    /// A description, or a folder with deployment.toml
    pub deployment: PathBuf,
    /// The day the assessment speaks of, instead of the description's
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<jiff::civil::Date>,
    /// Another limit for a file of evidence: megabytes, rows, cells, values or seconds
    #[arg(long = "limit", value_name = "NAME=NUMBER", value_parser = limit)]
    pub limits: Vec<(String, u64)>,
    /// Leaves the files of [[evidence]] unread: a delivered report carries its description, and not its evidence
    #[arg(long)]
    pub without_evidence: bool,
    #[command(flatten)]
    pub common: Common,
}

impl DeploymentArgs {
    /// The limits for files of evidence; none where they are not to be read.
    pub fn limits(&self) -> Option<Limits> {
        if self.without_evidence {
            return None;
        }
        let mut limits = Limits::default();
        for (name, number) in &self.limits {
            match name.as_str() {
                "megabytes" => {
                    limits.bytes = number << 20;
                    // What a workbook may unpack to follows its own size.
                    limits.expanded = number << 22;
                }
                "rows" => limits.rows = *number,
                "cells" => limits.cells = *number,
                "values" => limits.values = *number,
                _ => limits.seconds = *number,
            }
        }
        Some(limits)
    }
}

/// Reads `rows=1000`.
fn limit(text: &str) -> Result<(String, u64), String> {
    const NAMES: [&str; 5] = ["megabytes", "rows", "cells", "values", "seconds"];
    let (name, number) = text.split_once('=').ok_or("write NAME=NUMBER, e.g. rows=2000000")?;
    if !NAMES.contains(&name) {
        return Err(format!("there is no limit `{name}`; limits: {}", NAMES.join(", ")));
    }
    match number.parse::<u64>() {
        Ok(n) if (1..=1 << 40).contains(&n) => Ok((name.to_owned(), n)),
        _ => Err(format!("`{number}` is not a whole number from 1")),
    }
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  dpia365 report examples/municipality
  dpia365 report examples/municipality --lang en -o report.pdf
  dpia365 report examples/rijk-2020 --format json -o - | jq '.findings[] | [.risk, .gross.level]'
  dpia365 report my-dpia --fail-on high     exit status 1 if a risk is, or could be, high now")]
pub struct ReportArgs {
    #[command(flatten)]
    pub input: DeploymentArgs,
    /// Where to write; `-` is standard output. Without it, a file named after the folder in the current one
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// What to write
    #[arg(long, value_enum, default_value = "pdf")]
    pub format: Format,
    /// The report's structure, instead of the description's
    #[arg(long, value_name = "ID")]
    pub structure: Option<String>,
    /// Ends with status 1 if a finding's current level is, or could be, this high: low, medium, high or very-high
    #[arg(long, value_name = "LEVEL")]
    pub fail_on: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// PDF/UA-1 and PDF/A-3a in one file
    Pdf,
    /// The view, for other programs
    Json,
    /// Markdown, for editing
    Md,
    /// Tables to work with: risks, action plan, settings, questions, evidence, sources
    Xlsx,
}

impl Format {
    pub fn extension(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Json => "json",
            Self::Md => "md",
            Self::Xlsx => "xlsx",
        }
    }
}

#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// Id of a risk, measure, fact, source, permission, kind of evidence, diagnostic code or finding
    pub id: String,
    /// With a description: why this applies there, or why not
    pub deployment: Option<PathBuf>,
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<jiff::civil::Date>,
    #[command(flatten)]
    pub common: Common,
}

#[derive(Debug, Args)]
pub struct InitArgs {
    /// The folder to make
    pub folder: PathBuf,
    #[command(flatten)]
    pub common: Common,
}

#[derive(Debug, Args)]
pub struct OpenArgs {
    /// A report written by dpia365
    pub report: PathBuf,
    /// The folder to write to
    #[arg(short, long, value_name = "DIR")]
    pub output: PathBuf,
}

#[derive(Debug, Args)]
pub struct SchemaArgs {
    #[arg(value_enum, default_value = "deployment")]
    pub what: SchemaOf,
    #[command(flatten)]
    pub common: Common,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SchemaOf {
    Deployment,
}
