//! Seconds and peak memory of this reader against calamine's and the csv crate's bare loops, on the same files in the same run.
use std::alloc::{GlobalAlloc, Layout, System};
use std::fs::File;
use std::hint::black_box;
use std::io::{BufReader, Write as _};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Instant;

use calamine::{Reader, Xlsx};
use dpia365::sheets::{self, Document, Limits};

struct Counting;
static NOW: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);
static COUNT: AtomicUsize = AtomicUsize::new(0);

unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNT.fetch_add(1, Relaxed);
        let now = NOW.fetch_add(layout.size(), Relaxed) + layout.size();
        PEAK.fetch_max(now, Relaxed);
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        NOW.fetch_sub(layout.size(), Relaxed);
        unsafe { System.dealloc(at, layout) }
    }
}
#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn ours(path: &Path) -> u64 {
    let Document::Tables(mut tables) = sheets::open(path, &Limits::default()).unwrap() else { panic!() };
    let mut rows = tables.rows(0).unwrap();
    let mut cells = 0;
    while let Some(row) = rows.next_row().unwrap() {
        cells += black_box(row).len() as u64;
    }
    cells
}

fn bare_xlsx(path: &Path) -> u64 {
    let mut book: Xlsx<_> = Xlsx::new(BufReader::new(File::open(path).unwrap())).unwrap();
    let name = book.sheet_names()[0].clone();
    let mut reader = book.worksheet_cells_reader(&name).unwrap();
    let mut cells = 0;
    while let Some(cell) = reader.next_cell().unwrap() {
        black_box(&cell);
        cells += 1;
    }
    cells
}

fn bare_csv(path: &Path) -> u64 {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_path(path).unwrap();
    let mut record = csv::ByteRecord::new();
    let mut cells = 0;
    while reader.read_byte_record(&mut record).unwrap() {
        cells += black_box(&record).len() as u64;
    }
    cells
}

/// The best of fifteen runs in seconds, the peak in MB, the allocations, the cells; both by turns, since the machine is shared.
fn measure(works: [fn(&Path) -> u64; 2], path: &Path) -> [(f64, f64, usize, u64); 2] {
    let mut found = [(f64::MAX, 0.0f64, 0, 0); 2];
    for _ in 0..15 {
        for (work, found) in works.iter().zip(&mut found) {
            let before = NOW.load(Relaxed);
            PEAK.store(before, Relaxed);
            let count = COUNT.load(Relaxed);
            let start = Instant::now();
            found.3 = work(path);
            found.0 = found.0.min(start.elapsed().as_secs_f64());
            found.1 = (PEAK.load(Relaxed) - before) as f64 / 1e6;
            found.2 = COUNT.load(Relaxed) - count;
        }
    }
    found
}

fn main() {
    let dir = std::env::temp_dir().join("h1-measure");
    std::fs::create_dir_all(&dir).unwrap();
    println!(
        "{:>7} {:5} {:>9} {:>9} {:>6} {:>8} {:>8} {:>9} {:>9}",
        "rows", "kind", "ours s", "bare s", "ratio", "ours MB", "bare MB", "allocs", "allocs"
    );
    for rows in [1000u32, 10_000, 100_000] {
        let (csv, xlsx) = (dir.join(format!("{rows}.csv")), dir.join(format!("{rows}.xlsx")));
        if !xlsx.exists() {
            let mut out = std::io::BufWriter::new(File::create(&csv).unwrap());
            let mut book = rust_xlsxwriter::Workbook::new();
            let sheet = book.add_worksheet();
            for row in 0..rows {
                for column in 0..20u16 {
                    if column > 0 {
                        out.write_all(b",").unwrap();
                    }
                    if column % 2 == 0 {
                        let text = format!("user{}.{}@contoso.com", row * 7 % 9973, column);
                        out.write_all(text.as_bytes()).unwrap();
                        sheet.write_string(row, column, text).unwrap();
                    } else {
                        let number = f64::from(row % 1000) * 1.25 + f64::from(column);
                        write!(out, "{number}").unwrap();
                        sheet.write_number(row, column, number).unwrap();
                    }
                }
                out.write_all(b"\n").unwrap();
            }
            book.save(&xlsx).unwrap();
        }
        for (kind, path, bare) in [("xlsx", &xlsx, bare_xlsx as fn(&Path) -> u64), ("csv", &csv, bare_csv)] {
            let [b, o] = measure([bare, ours], path);
            assert_eq!(o.3, b.3);
            println!("{rows:>7} {kind:5} {:9.4} {:9.4} {:6.2} {:8.1} {:8.1} {:9} {:9}", o.0, b.0, o.0 / b.0, o.1, b.1, o.2, b.2);
        }
    }
}
