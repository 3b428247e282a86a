//! Files are written whole or not at all.

use super::Failed;
use super::print;
use crate::diagnostic::{Diagnostic, Files};
use std::io::Write;
use std::path::Path;

/// Writes bytes to a file, or to standard output for `-`.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), Failed> {
    let result = if path == Path::new("-") { to_stdout(bytes) } else { to_file(path, bytes) };
    result.map_err(|e| {
        let mut diagnostic = Diagnostic::error("output-not-writable", format!("cannot write `{}`: {e}", path.display()));
        if path.parent().is_some_and(|p| !p.as_os_str().is_empty() && !p.is_dir()) {
            diagnostic = diagnostic.help("the folder does not exist; make it first, or choose another with -o");
        }
        print::diagnostics(&[diagnostic], &Files::default());
        Failed
    })
}

fn to_stdout(bytes: &[u8]) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        // The reader has seen enough.
        Err(e) if e.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// Through a temporary file beside the target, so that a full disk leaves nothing half written.
fn to_file(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    if path.is_dir() {
        return Err(std::io::Error::other("this is a folder"));
    }
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".dpia365-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // As any program would create it; the process's mask still applies.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|e| e.error)?;
    Ok(())
}
