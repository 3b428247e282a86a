//! The command line of dpia365; see the library's `cli`.

fn main() -> std::process::ExitCode {
    dpia365::cli::main()
}
