use super::args::OpenArgs;
use super::{Done, Failed, Outcome, output, print};
use crate::diagnostic::{Diagnostic, Files, Place};
use crate::render;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// `dpia365 open`.
pub fn open(args: &OpenArgs) -> Outcome {
    let fail = |diagnostics: Vec<Diagnostic>| {
        print::diagnostics(&diagnostics, &Files::default());
        Failed
    };
    let name = args.report.display();
    let bytes = read(&args.report).map_err(|e| {
        fail(vec![Diagnostic::error("file-missing", format!("cannot read `{name}`: {e}")).help("give the PDF that `dpia365 report` wrote")])
    })?;
    let place = Place::File { file: name.to_string().into() };
    let attachments = render::attachments(&bytes).map_err(|found| fail(found.into_iter().map(|d| d.at(&place, "")).collect()))?;
    if attachments.is_empty() {
        return Err(fail(vec![
            Diagnostic::error("pdf-unreadable", format!("`{name}` carries no description"))
                .help("only reports written by dpia365 can be opened"),
        ]));
    }
    // Nothing is overwritten: the folder may hold work that is newer than the report.
    for (file, _) in &attachments {
        let path = args.output.join(file);
        if path.exists() {
            return Err(fail(vec![
                Diagnostic::error("output-not-writable", format!("`{}` exists already", path.display()))
                    .help("choose an empty folder with -o"),
            ]));
        }
    }
    let files: Vec<_> = attachments.iter().map(|(file, bytes)| (args.output.join(file), bytes.as_slice())).collect();
    output::write_all(&files)?;
    for (path, _) in &files {
        output::say(path.display());
    }
    Ok(Done::Yes)
}

/// The bytes of a plain file; of one that is too large, only as much as tells so.
fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    if !std::fs::metadata(path)?.is_file() {
        return Err(std::io::Error::other("it is not a file"));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(render::LARGEST_PDF + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
