//! What keeps a hostile file in bounds: time, counted rows and cells, bytes per step, and panics of the libraries.

use std::cell::Cell as Flag;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, Once};
use std::time::{Duration, Instant};

use super::{Limits, Refused, Row};

/// Bytes of packed data that one step (a cell of a workbook, an event of an ods) may take. A cell holds at most 32,767 characters,
/// so no real one takes as much; a hostile run of nothing ends here instead of filling the memory.
pub(super) const STEP: u64 = 128 * 1024;

/// The moment at which reading one file ends.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deadline {
    end: Option<Instant>,
    seconds: u64,
}

impl Deadline {
    pub fn new(seconds: u64) -> Deadline {
        Deadline { end: Instant::now().checked_add(Duration::from_secs(seconds)), seconds }
    }

    pub fn passed(&self) -> bool {
        self.end.is_some_and(|end| Instant::now() >= end)
    }

    pub fn refusal(&self) -> Refused {
        Refused::new(
            "sheet-too-slow",
            format!("reading the file took longer than {} seconds", self.seconds),
            "split the export, or raise the limit with --limit seconds=N",
        )
    }

    pub fn check(&self) -> Result<(), Refused> {
        if self.passed() { Err(self.refusal()) } else { Ok(()) }
    }
}

/// What a step of reading rows came to: whether there is a row. After the end, and after an error, there are no more.
pub fn stepped(over: &mut bool, filled: Result<bool, Refused>, at: impl FnOnce(Refused) -> Refused) -> Result<bool, Refused> {
    *over = !matches!(filled, Ok(true));
    filled.map_err(at)
}

/// Counts what one pass over a sheet delivers.
#[derive(Debug)]
pub(super) struct Meter {
    limits: Limits,
    deadline: Deadline,
    rows: u64,
    cells: u64,
    bytes: u64,
}

impl Meter {
    pub fn new(limits: &Limits, deadline: Deadline) -> Meter {
        Meter { limits: limits.clone(), deadline, rows: 0, cells: 0, bytes: 0 }
    }

    /// To be called with every row before it is handed out.
    pub fn row(&mut self, row: &Row) -> Result<(), Refused> {
        self.rows += 1;
        self.cells += row.len() as u64;
        self.bytes += row.bytes();
        if self.rows > self.limits.rows {
            return Err(Refused::too_large("rows", self.limits.rows, self.rows));
        }
        if self.cells > self.limits.cells {
            return Err(Refused::too_large("cells", self.limits.cells, self.cells));
        }
        // A few shared strings that a million cells point at: little in the file, endless when it is read.
        if self.bytes > self.limits.expanded.max(self.limits.bytes) {
            return Err(Refused::expands(format!("the text of the cells adds up to more than {} MB", self.limits.expanded >> 20)));
        }
        if self.rows.is_multiple_of(256) { self.deadline.check() } else { Ok(()) }
    }
}

/// The state that a [`Source`] shares with the code that waits behind a library.
#[derive(Debug)]
pub(super) struct Fuse {
    left: AtomicU64,
    taken: AtomicU64,
    blown: AtomicBool,
    late: AtomicBool,
    deadline: Deadline,
}

impl Fuse {
    pub fn new(deadline: Deadline) -> Arc<Fuse> {
        let (left, taken) = (AtomicU64::new(u64::MAX), AtomicU64::new(0));
        Arc::new(Fuse { left, taken, blown: AtomicBool::new(false), late: AtomicBool::new(false), deadline })
    }

    /// Allows the next step to take this many bytes of the file.
    pub fn allow(&self, bytes: u64) {
        self.left.store(bytes, Relaxed);
    }

    /// Bytes of the file that were read so far.
    pub fn taken(&self) -> u64 {
        self.taken.load(Relaxed)
    }

    pub fn check(&self) -> Result<(), Refused> {
        self.deadline.check()
    }

    /// Why a library failed, if it was this fuse that made it fail.
    pub fn cause(&self) -> Option<Refused> {
        if self.late.load(Relaxed) {
            Some(self.deadline.refusal())
        } else if self.blown.load(Relaxed) {
            Some(Refused::expands("one cell or row takes more room than any real one".to_owned()))
        } else {
            None
        }
    }
}

/// The file as the libraries see it: reading stops when the step or the time is used up, however the library loops.
#[derive(Debug)]
pub(super) struct Source {
    inner: BufReader<File>,
    pub fuse: Arc<Fuse>,
}

impl Source {
    pub fn new(file: File, fuse: Arc<Fuse>) -> Source {
        Source { inner: BufReader::with_capacity(64 * 1024, file), fuse }
    }
}

impl Read for Source {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let left = self.fuse.left.load(Relaxed);
        if left == 0 {
            self.fuse.blown.store(true, Relaxed);
            return Err(io::Error::other("step limit"));
        }
        if buf.len() > 256 && self.fuse.deadline.passed() {
            self.fuse.late.store(true, Relaxed);
            return Err(io::Error::other("deadline"));
        }
        let n = self.inner.read(buf)?;
        self.fuse.taken.fetch_add(n as u64, Relaxed);
        if left != u64::MAX {
            self.fuse.left.store(left.saturating_sub(n as u64), Relaxed);
        }
        Ok(n)
    }
}

impl Seek for Source {
    fn seek(&mut self, pos: SeekFrom) -> io::Result<u64> {
        // BufReader::seek always empties the buffer; a directory of thousands of entries is read by small hops forward.
        match pos {
            SeekFrom::Current(n) => {
                self.inner.seek_relative(n)?;
                self.inner.stream_position()
            }
            SeekFrom::Start(to) => {
                let here = self.inner.stream_position()?;
                match i64::try_from(i128::from(to) - i128::from(here)) {
                    Ok(n) => self.inner.seek_relative(n)?,
                    Err(_) => return self.inner.seek(pos),
                }
                Ok(to)
            }
            SeekFrom::End(_) => self.inner.seek(pos),
        }
    }
}

/// Remarks about a file that is read all the same; shared, because some come up while rows are read.
#[derive(Clone, Debug, Default)]
pub(super) struct Notes(Arc<Mutex<Vec<String>>>);

impl Notes {
    pub fn add(&self, note: String) {
        let mut notes = self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if !notes.contains(&note) {
            notes.push(note);
        }
    }

    pub fn list(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).clone()
    }
}

thread_local! {
    /// Whether a panic on this thread is one of a library at work on a file, and will be caught.
    static QUIET: Flag<bool> = const { Flag::new(false) };
}

/// Runs a library on a file. A panic becomes `sheet-broken`, and says nothing on the terminal.
pub(super) fn guarded<T>(work: impl FnOnce() -> Result<T, Refused>) -> Result<T, Refused> {
    static HOOK: Once = Once::new();
    // The hook is set once and asks the thread that panics; so other threads' panics are reported as ever.
    HOOK.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if !QUIET.try_with(Flag::get).unwrap_or(false) {
                before(info);
            }
        }));
    });
    let outer = QUIET.replace(true);
    let result = catch_unwind(AssertUnwindSafe(work));
    QUIET.set(outer);
    result.unwrap_or_else(|_| Err(Refused::broken("the file is damaged in a way that its reader does not expect".to_owned())))
}
