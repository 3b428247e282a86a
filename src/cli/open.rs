use super::args::OpenArgs;
use super::{Done, Failed, Outcome, output, print};
use crate::diagnostic::{Diagnostic, Files};
use crate::render;

/// `dpia365 open`.
pub fn open(args: &OpenArgs) -> Outcome {
    let fail = |diagnostics: Vec<Diagnostic>| {
        print::diagnostics(&diagnostics, &Files::default());
        Failed
    };
    let name = args.report.display();
    let bytes = std::fs::read(&args.report).map_err(|e| fail(vec![Diagnostic::error("file-missing", format!("cannot read `{name}`: {e}"))]))?;
    let attachments = render::attachments(&bytes).map_err(fail)?;
    if attachments.is_empty() {
        return Err(fail(vec![Diagnostic::error("pdf-unreadable", format!("`{name}` carries no description")).help("only reports written by dpia365 can be opened")]));
    }
    // Nothing is overwritten: the folder may hold work that is newer than the report.
    for (file, _) in &attachments {
        let path = args.output.join(file);
        if path.exists() {
            return Err(fail(vec![Diagnostic::error("output-not-writable", format!("`{}` exists already", path.display())).help("choose an empty folder with -o")]));
        }
    }
    for (file, bytes) in &attachments {
        let path = args.output.join(file);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|e| fail(vec![Diagnostic::error("output-not-writable", format!("cannot make `{}`: {e}", folder.display()))]))?;
        }
        output::write(&path, bytes)?;
        anstream::println!("{}", path.display());
    }
    Ok(Done::Yes)
}
