//! Arguments, terminal, exit codes: the only layer that prints, reads the clock or writes files.

mod args;
mod catalog;
mod check;
mod explain;
mod init;
mod open;
mod output;
mod print;
mod progress;
mod questions;
mod reference;
mod report;
mod screen;
mod session;

use args::{Arguments, CatalogCommand, Command};
use clap::Parser;
use std::process::ExitCode;

/// How a command ended.
pub enum Done {
    /// Exit status 0.
    Yes,
    /// Done, but a gate failed: exit status 1.
    GateFailed,
}

/// A command that could not be done has said why and ends with exit status 2.
pub struct Failed;

type Outcome = Result<Done, Failed>;

/// Runs the program with the arguments of the process.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = match &arguments.command {
        Command::Report(args) => report::report(args),
        Command::Check(args) => check::check(args),
        Command::Questions(args) => questions::questions(args),
        Command::Screen(args) => screen::screen(args),
        Command::Explain(args) => explain::explain(args),
        Command::Init(args) => init::init(args),
        Command::Open(args) => open::open(args),
        Command::Schema(args) => check::schema(args),
        Command::Catalog(CatalogCommand::Check(args)) => catalog::check(args),
        Command::Catalog(CatalogCommand::List(args)) => catalog::list(args),
    };
    match outcome {
        Ok(Done::Yes) => ExitCode::SUCCESS,
        Ok(Done::GateFailed) => ExitCode::from(1),
        Err(Failed) => ExitCode::from(2),
    }
}
