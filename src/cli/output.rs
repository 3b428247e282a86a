//! Files are written whole or not at all.

use super::Failed;
use super::print;
use crate::diagnostic::{Diagnostic, Files};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// Writes bytes to a file, or to standard output for `-`.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), Failed> {
    let stdout = path == Path::new("-");
    let result = if stdout { to_stdout(bytes) } else { to_file(path, bytes) };
    result.map_err(|e| {
        let name = if stdout { "standard output".to_owned() } else { format!("`{}`", path.display()) };
        failed(&format!("cannot write {name}"), path, &e)
    })
}

/// Writes several files with the folders that they need: all of them, or none.
pub fn write_all(files: &[(PathBuf, &[u8])]) -> Result<(), Failed> {
    let mut made = Vec::new();
    for (path, bytes) in files {
        let result = folders_for(path, &mut made).and_then(|()| write(path, bytes));
        if result.is_err() {
            made.iter().rev().for_each(|path| drop(std::fs::remove_file(path).or_else(|_| std::fs::remove_dir(path))));
            return result;
        }
        made.push(path.clone());
    }
    Ok(())
}

/// Says something about what was done. Where nobody can read it, it is done all the same.
pub fn say(text: impl std::fmt::Display) {
    let _ = writeln!(anstream::stdout(), "{text}");
}

fn folders_for(path: &Path, made: &mut Vec<PathBuf>) -> Result<(), Failed> {
    let missing: Vec<&Path> = path.ancestors().skip(1).take_while(|p| !p.as_os_str().is_empty() && !p.is_dir()).collect();
    for folder in missing.into_iter().rev() {
        std::fs::create_dir(folder).map_err(|e| failed(&format!("cannot make the folder `{}`", folder.display()), folder, &e))?;
        made.push(folder.to_owned());
    }
    Ok(())
}

fn failed(what: &str, path: &Path, error: &io::Error) -> Failed {
    let no_folder = path.parent().is_some_and(|p| !p.as_os_str().is_empty() && !p.is_dir());
    let (reason, cure) = match error.kind() {
        _ if no_folder => ("its folder does not exist".to_owned(), "make the folder first, or choose another with -o"),
        ErrorKind::StorageFull => ("the disk is full".to_owned(), "free some space, or write to another disk with -o"),
        ErrorKind::FileTooLarge | ErrorKind::QuotaExceeded => {
            ("it would be larger than is allowed here".to_owned(), "raise the limit, or write to another place with -o")
        }
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
            ("permission denied".to_owned(), "choose a folder that you may write to with -o")
        }
        ErrorKind::IsADirectory => ("it is a folder".to_owned(), "name a file with -o"),
        _ => (reason(error), "choose another place with -o"),
    };
    print::diagnostics(&[Diagnostic::error("output-not-writable", format!("{what}: {reason}")).help(cure)], &Files::default());
    Failed
}

/// What the system says, without the name of a temporary file.
fn reason(error: &io::Error) -> String {
    error.raw_os_error().map_or_else(
        || error.to_string().split(" at path ").next().unwrap_or_default().to_owned(),
        |code| io::Error::from_raw_os_error(code).to_string(),
    )
}

fn to_stdout(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        // The reader has seen enough.
        Err(e) if e.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// Through a temporary file beside the target, so that a full disk leaves nothing half written.
fn to_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    match std::fs::metadata(path) {
        Ok(m) if m.is_dir() => return Err(ErrorKind::IsADirectory.into()),
        // A device or a pipe is written to, never replaced.
        Ok(m) if !m.is_file() => return std::fs::OpenOptions::new().write(true).open(path)?.write_all(bytes),
        _ => {}
    }
    let path = &path.canonicalize().unwrap_or_else(|_| path.to_owned());
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
