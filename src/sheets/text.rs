//! Text files as UTF-8, whatever they are written in, without ever holding the whole file.

use std::fs::File;
use std::io::{self, BufRead, Read, Seek};
use std::path::{Path, PathBuf};

use encoding_rs::{DecoderResult, UTF_16BE, UTF_16LE, WINDOWS_1252};
use memchr::{memchr, memchr_iter};

use super::Refused;
use super::guard::{Deadline, Notes};

/// Bytes read at once, and looked at to recognise a format.
pub(super) const PIECE: usize = 64 * 1024;

/// How a text is written, as far as its beginning shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Written {
    encoding: Encoding,
    /// The length of the mark that says so.
    mark: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encoding {
    Utf8,
    Utf16Le,
    Utf16Be,
}

/// A text file, read as UTF-8.
pub(super) struct Text {
    path: PathBuf,
    written: Written,
    file: File,
    /// Converts everything but UTF-8.
    decoder: Option<encoding_rs::Decoder>,
    /// The file has a mark at its beginning that says how it is written, so nothing is guessed later.
    marked: bool,
    /// A character beyond ASCII was read, so this is UTF-8 and not a code page.
    beyond: bool,
    /// Bytes of the file; `raw_at..raw_to` are not yet decoded.
    raw: Vec<u8>,
    raw_at: usize,
    raw_to: usize,
    /// Decoded text, if it is not in `raw` itself; `at..to` is not yet taken.
    out: Vec<u8>,
    in_raw: bool,
    at: usize,
    to: usize,
    ended: bool,
    /// Bytes of decoded text that were made available, and those of them that were handed out, and the last of these.
    made: u64,
    taken: u64,
    last_taken: u8,
    /// Bytes that may be taken until the next call of [`Text::allow`].
    left: u64,
    deadline: Deadline,
    notes: Notes,
}

/// The error that carries a [`Refused`] through a library's `Read`.
fn carry(refused: Refused) -> io::Error {
    io::Error::other(refused)
}

/// Takes the [`Refused`] out of an error that a library passed on.
pub(super) fn carried(error: io::Error) -> Refused {
    let text = error.to_string();
    match error.into_inner().map(|inner| inner.downcast::<Refused>()) {
        Some(Ok(refused)) => *refused,
        _ => Refused::broken(format!("the file cannot be read: {}", super::excel::tidy(&text))),
    }
}

impl Text {
    /// Begins to read.
    pub fn open(path: &Path, written: Written, deadline: Deadline, notes: &Notes) -> Result<Text, Refused> {
        let Written { encoding, mark } = written;
        let mut file = File::open(path).map_err(carried)?;
        file.seek(io::SeekFrom::Start(mark as u64)).map_err(carried)?;
        if encoding != Encoding::Utf8 && mark == 0 {
            notes.add("the file is UTF-16 without a byte order mark".to_owned());
        }
        let decoder = match encoding {
            Encoding::Utf16Le => Some(UTF_16LE.new_decoder_without_bom_handling()),
            Encoding::Utf16Be => Some(UTF_16BE.new_decoder_without_bom_handling()),
            Encoding::Utf8 => None,
        };
        Ok(Text {
            path: path.to_owned(),
            written,
            file,
            decoder,
            marked: mark > 0,
            beyond: false,
            raw: vec![0; PIECE],
            raw_at: 0,
            raw_to: 0,
            out: Vec::new(),
            in_raw: true,
            at: 0,
            to: 0,
            ended: false,
            made: 0,
            taken: 0,
            last_taken: b'\n',
            left: u64::MAX,
            deadline,
            notes: notes.clone(),
        })
    }

    /// Allows the next step (a record) to take this many bytes.
    pub fn allow(&mut self, bytes: u64) {
        self.left = bytes;
    }

    /// Reads the first piece, to find out early what is wrong with it.
    pub fn peek(&mut self) -> Result<(), Refused> {
        self.refill()
    }

    /// The byte before this place in the decoded text, if it was handed out not long ago.
    pub fn byte_before(&self, place: u64) -> Option<u8> {
        let back = usize::try_from(self.taken.checked_sub(place)?).ok()?;
        if back == 0 {
            return Some(self.last_taken);
        }
        let piece = if self.in_raw { &self.raw } else { &self.out };
        piece.get(self.at.checked_sub(back + 1)?).copied()
    }

    /// The line on which the text after the first `decoded` bytes and `more` begins. Lines are counted only when one is to be named:
    /// the file is read once more up to there.
    fn line(&self, decoded: u64, more: &[u8]) -> u64 {
        let mut line = 1 + memchr_iter(b'\n', more).count() as u64;
        let Ok(mut again) = Text::open(&self.path, self.written, self.deadline, &Notes::default()) else { return line };
        let mut left = decoded;
        while left > 0 {
            let n = match again.fill_buf() {
                Ok(piece) if !piece.is_empty() => {
                    let n = usize::try_from(left).unwrap_or(usize::MAX).min(piece.len());
                    line += memchr_iter(b'\n', &piece[..n]).count() as u64;
                    n
                }
                _ => break,
            };
            again.consume(n);
            left -= n as u64;
        }
        line
    }

    fn refused(&self, what: &str, before: &[u8]) -> Refused {
        Refused::new(
            "sheet-encoding",
            format!("line {} is {what}", self.line(self.made, before)),
            "export the file again, or open it in an editor and save it as UTF-8",
        )
    }

    /// Makes some text available, if there is any.
    fn refill(&mut self) -> Result<(), Refused> {
        while self.at == self.to && !(self.ended && self.raw_at == self.raw_to) {
            self.deadline.check()?;
            if self.raw_at > 0 {
                self.raw.copy_within(self.raw_at..self.raw_to, 0);
                self.raw_to -= self.raw_at;
                self.raw_at = 0;
            }
            if !self.ended && self.raw_to < self.raw.len() {
                let n = self.file.read(&mut self.raw[self.raw_to..]).map_err(carried)?;
                self.ended = n == 0;
                self.raw_to += n;
            }
            match self.decoder {
                None => self.utf8()?,
                Some(_) => self.decode()?,
            }
            let text = if self.in_raw { &self.raw[self.at..self.to] } else { &self.out[self.at..self.to] };
            if let Some(at) = memchr(0, text) {
                let line = self.line(self.made, &text[..at]);
                return Err(Refused::unknown(
                    format!("the file is not text: line {line} holds a zero byte"),
                    "name a CSV, JSON or text export, or a workbook",
                ));
            }
            self.made += text.len() as u64;
        }
        Ok(())
    }

    /// Finds out how much of `raw` is whole UTF-8, and hands that out where it lies.
    fn utf8(&mut self) -> Result<(), Refused> {
        let raw = &self.raw[..self.raw_to];
        let (valid, bad) = match std::str::from_utf8(raw) {
            Ok(_) => (raw.len(), false),
            // A character that the end of the piece cuts in two, unless nothing follows.
            Err(error) => (error.valid_up_to(), error.error_len().is_some() || self.ended),
        };
        self.beyond = self.beyond || !raw[..valid].is_ascii();
        if bad {
            if self.marked || self.beyond {
                return Err(self.refused("not UTF-8, as the lines before it are", &raw[..valid]));
            }
            self.notes.add("the file is neither UTF-8 nor UTF-16; it is read as windows-1252, so check its special characters".to_owned());
            self.decoder = Some(WINDOWS_1252.new_decoder_without_bom_handling());
        }
        (self.in_raw, self.at, self.to, self.raw_at) = (true, 0, valid, valid);
        Ok(())
    }

    fn decode(&mut self) -> Result<(), Refused> {
        let Some(decoder) = &mut self.decoder else { return Ok(()) };
        self.out.resize(4 * PIECE, 0);
        let raw = &self.raw[self.raw_at..self.raw_to];
        let (result, read, written) = decoder.decode_to_utf8_without_replacement(raw, &mut self.out, self.ended);
        self.raw_at += read;
        (self.in_raw, self.at, self.to) = (false, 0, written);
        if let DecoderResult::Malformed(..) = result {
            let before = self.out[..written].to_vec();
            return Err(self.refused("not UTF-16, as the lines before it are", &before));
        }
        if self.ended && matches!(result, DecoderResult::InputEmpty) {
            self.raw_at = self.raw_to;
        }
        Ok(())
    }
}

impl BufRead for Text {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at == self.to {
            self.refill().map_err(carry)?;
        }
        if self.left == 0 && self.at < self.to {
            let line = self.line(self.taken, b"");
            return Err(carry(Refused::new(
                "sheet-too-large",
                format!("a single row has more than {} MB; it goes on up to line {line}", super::cells::ROW_BYTES >> 20),
                "check the file for a quotation mark that is not closed, and export it again",
            )));
        }
        Ok(if self.in_raw { &self.raw[self.at..self.to] } else { &self.out[self.at..self.to] })
    }

    fn consume(&mut self, n: usize) {
        let n = n.min(self.to - self.at);
        if n > 0 {
            self.at += n;
            self.taken += n as u64;
            self.last_taken = if self.in_raw { self.raw[self.at - 1] } else { self.out[self.at - 1] };
        }
        self.left = self.left.saturating_sub(n as u64);
    }
}

impl Read for Text {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let text = self.fill_buf()?;
        let n = text.len().min(buf.len());
        buf[..n].copy_from_slice(&text[..n]);
        self.consume(n);
        Ok(n)
    }
}

/// Looks at the first bytes of a file.
pub(super) fn recognise(head: &[u8]) -> Written {
    let told = |encoding, mark| Written { encoding, mark };
    if head.starts_with(&[0xEF, 0xBB, 0xBF]) {
        return told(Encoding::Utf8, 3);
    }
    if head.starts_with(&[0xFF, 0xFE]) {
        return told(Encoding::Utf16Le, 2);
    }
    if head.starts_with(&[0xFE, 0xFF]) {
        return told(Encoding::Utf16Be, 2);
    }
    let head = &head[..head.len().min(4096)];
    if memchr(0, head).is_none() {
        return told(Encoding::Utf8, 0);
    }
    let pairs = head.len() / 2;
    let zeros = |from: usize| head.iter().skip(from).step_by(2).filter(|&&byte| byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    // Western text has a zero in nearly every pair, always on the same side.
    if pairs >= 2 && odd * 10 >= pairs * 8 && even * 20 <= pairs {
        told(Encoding::Utf16Le, 0)
    } else if pairs >= 2 && even * 10 >= pairs * 8 && odd * 20 <= pairs {
        told(Encoding::Utf16Be, 0)
    } else {
        told(Encoding::Utf8, 0)
    }
}

/// The first bytes of a text as UTF-8, good enough to recognise a format.
pub(super) fn sample(head: &[u8], written: Written) -> String {
    let head = &head[written.mark..];
    match written.encoding {
        Encoding::Utf8 => String::from_utf8_lossy(head).into_owned(),
        Encoding::Utf16Le => UTF_16LE.decode_without_bom_handling(head).0.into_owned(),
        Encoding::Utf16Be => UTF_16BE.decode_without_bom_handling(head).0.into_owned(),
    }
}
