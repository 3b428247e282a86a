//! The real binary, run in a folder.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Output};

/// The program, without colour, translations or settings of whoever runs the tests.
pub fn program(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dpia365"));
    command.current_dir(folder).env_clear().env("TZ", "UTC");
    command
}

/// How a run ended.
pub struct Run {
    pub status: i32,
    pub stdout: Vec<u8>,
    pub stderr: String,
}

impl Run {
    pub fn of(output: Output) -> Self {
        let stderr = String::from_utf8(output.stderr).expect("messages are UTF-8");
        Self { status: output.status.code().expect("ended by a signal"), stdout: output.stdout, stderr }
    }

    /// Standard output as text.
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.stdout).expect("the output is UTF-8")
    }

    /// Standard output as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.stdout).expect("the output is JSON")
    }

    /// Panics with the messages unless it ended like this.
    pub fn expect(self, status: i32) -> Self {
        assert_eq!(self.status, status, "{}", self.stderr);
        self
    }

    /// Ended with status 2, and says so with this code and these words.
    pub fn refused(self, code: &str, words: &[&str]) -> Self {
        let run = self.expect(2);
        for word in words.iter().copied().chain([format!("error[{code}]").as_str(), "nothing was written"]) {
            assert!(run.stderr.contains(word), "`{word}` is missing:\n{}", run.stderr);
        }
        assert!(run.stdout.is_empty(), "{}", run.text());
        run
    }
}

/// Runs the program with these arguments.
pub fn run<S: AsRef<OsStr>>(folder: &Path, args: &[S]) -> Run {
    Run::of(program(folder).args(args).output().expect("the program starts"))
}
