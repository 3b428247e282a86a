//! Flipped bytes: rows or a refusal, never a panic.
use crate::files::*;
use dpia365::sheets::Limits;

struct Random(u64);

impl Random {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % below as u64) as usize
    }
}

const CODES: [&str; 8] = [
    "sheet-encrypted",
    "sheet-expands",
    "sheet-too-large",
    "sheet-too-slow",
    "sheet-broken",
    "sheet-entities",
    "sheet-encoding",
    "sheet-unknown",
];

/// `FUZZ=100 cargo test --release --test fuzz` looks longer.
fn longer() -> usize {
    std::env::var("FUZZ").ok().and_then(|n| n.parse().ok()).unwrap_or(1)
}

fn flip(name: &str, whole: &[u8], times: usize, seed: u64) {
    let times = times * longer();
    let temp = Temp::new();
    let mut random = Random(seed);
    assert!(drain(&temp.file(name, whole), &Limits::default()).is_ok(), "{name}");
    let mut good = 0;
    for turn in 0..times {
        let mut bytes = whole.to_vec();
        for _ in 0..1 + random.next(4) {
            let at = random.next(bytes.len());
            bytes[at] = match random.next(4) {
                0 => 0,
                1 => 0xFF,
                2 => bytes[at] ^ (1 << random.next(8)),
                _ => random.next(256) as u8,
            };
        }
        if random.next(20) == 0 {
            bytes.truncate(random.next(bytes.len()));
        }
        let path = temp.file(name, &bytes);
        let start = std::time::Instant::now();
        match std::panic::catch_unwind(|| drain(&path, &Limits::default())) {
            Ok(Ok(_)) => good += 1,
            Ok(Err(refused)) => assert!(CODES.contains(&refused.code) && !refused.message.contains('\n'), "{refused:?}"),
            Err(_) => panic!("{name}: turn {turn} panicked"),
        }
        assert!(start.elapsed().as_secs() < 2, "{name}: turn {turn} is slow");
    }
    eprintln!("{name}: {good} of {times} were read");
}

/// The parts of an xlsx without compression, so that the flips reach the XML.
fn stored(bytes: &[u8]) -> Vec<u8> {
    use std::io::{Cursor, Read, Write};
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).unwrap();
        let name = file.name().unwrap().into_owned();
        let mut part = Vec::new();
        file.read_to_end(&mut part).unwrap();
        writer.start_file(name, zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored)).unwrap();
        writer.write_all(&part).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

#[test]
fn xlsx() {
    flip("a.xlsx", &real_xlsx(20, 8), 400, 1);
}

/// Flips within the parts before they are packed, with a right checksum: these reach calamine.
#[test]
fn parts() {
    use std::io::{Cursor, Read};
    let whole = real_xlsx(20, 8);
    let mut archive = zip::ZipArchive::new(Cursor::new(&whole)).unwrap();
    let mut parts: Vec<(String, Vec<u8>)> = Vec::new();
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).unwrap();
        let mut part = Vec::new();
        file.read_to_end(&mut part).unwrap();
        parts.push((file.name().unwrap().into_owned(), part));
    }
    flip_parts("a.xlsx", parts, 600, 2);
    let data = join(&[
        &brt(0x00, &join(&[&4u32.to_le_bytes(), &[0; 13]])),
        &brt(0x07, &join(&[&1u32.to_le_bytes(), &[0; 4], &0u32.to_le_bytes()])),
        &brt(0x05, &join(&[&2u32.to_le_bytes(), &[0; 4], &1.5f64.to_le_bytes()])),
    ]);
    let whole = xlsb(&data, &["Wörter"]);
    let mut archive = zip::ZipArchive::new(Cursor::new(&whole)).unwrap();
    let mut parts: Vec<(String, Vec<u8>)> = Vec::new();
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).unwrap();
        let mut part = Vec::new();
        file.read_to_end(&mut part).unwrap();
        parts.push((file.name().unwrap().into_owned(), part));
    }
    flip_parts("a.xlsb", parts, 600, 3);
    let content = ods_content();
    let mut archive = zip::ZipArchive::new(Cursor::new(&content)).unwrap();
    let mut parts: Vec<(String, Vec<u8>)> = Vec::new();
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).unwrap();
        let mut part = Vec::new();
        file.read_to_end(&mut part).unwrap();
        parts.push((file.name().unwrap().into_owned(), part));
    }
    flip_parts("a.ods", parts, 600, 4);
}

fn ods_content() -> Vec<u8> {
    ods(
        "<table:table table:name='A'><table:table-row table:number-rows-repeated='2'><table:table-cell office:value-type='float' office:value='12'><text:p>x &amp; <text:s text:c='3'/>y</text:p></table:table-cell><table:table-cell table:number-columns-repeated='3' office:value-type='date' office:date-value='2026-10-30'/></table:table-row></table:table>",
    )
}

fn flip_parts(name: &str, parts: Vec<(String, Vec<u8>)>, times: usize, seed: u64) {
    let times = times * longer();
    let temp = Temp::new();
    let mut random = Random(seed);
    let mut good = 0;
    for turn in 0..times {
        let mut parts = parts.clone();
        let which = random.next(parts.len());
        let part = &mut parts[which].1;
        for _ in 0..1 + random.next(3) {
            let at = random.next(part.len());
            match random.next(5) {
                0 => part[at] = random.next(256) as u8,
                1 => part[at] ^= 1 << random.next(8),
                2 => part.insert(at, b"<>\"/9&"[random.next(6)]),
                3 if part.len() > 2 => drop(part.remove(at)),
                _ => part[at] = b"0123456789ABCrst"[random.next(16)],
            }
        }
        let list: Vec<(&str, &[u8])> = parts.iter().map(|(n, b)| (n.as_str(), b.as_slice())).collect();
        let path = temp.file(name, &zip(&list));
        match std::panic::catch_unwind(|| drain(&path, &Limits::default())) {
            Ok(Ok(_)) => good += 1,
            Ok(Err(refused)) => assert!(CODES.contains(&refused.code), "{refused:?}"),
            Err(_) => panic!("{name}: turn {turn} panicked"),
        }
    }
    eprintln!("{name}: {good} of {times} were read");
}

#[test]
fn xlsx_stored() {
    flip("a.xlsx", &stored(&real_xlsx(20, 8)), 400, 5);
}

#[test]
fn xlsb_file() {
    flip("a.xlsb", &xlsb(&join(&[&brt(0x00, &[0; 17]), &brt(0x04, &[0, 0, 0, 0, 0, 0, 0, 0, 1])]), &["a", "b"]), 300, 6);
}

#[test]
fn xls() {
    let sst = record(0x00FC, &join(&[&2u32.to_le_bytes(), &2u32.to_le_bytes(), &[3, 0, 0], b"one", &[3, 0, 1], b"a\0b\0c\0"]));
    let sheet: Vec<u8> = (0..30u16)
        .flat_map(|r| {
            join(&[
                &cell(0x00FD, r, 0, 0, &u32::from(r % 2).to_le_bytes()),
                &cell(0x0203, r, 1, 1, &46000.5f64.to_le_bytes()),
                &record(0x00BD, &join(&[&r.to_le_bytes(), &[2, 0], &[0, 0, 6, 0, 0, 0], &[0, 0, 7, 0, 0, 0], &[3, 0]])),
            ])
        })
        .collect();
    flip("a.xls", &ole(&[("Workbook", &biff(&[("A", 0, sheet), ("B", 0, vec![])], &sst))]), 1000, 7);
}

#[test]
fn ods_file() {
    flip("a.ods", &ods_content(), 300, 8);
}

#[test]
fn text() {
    flip("a.csv", "Name;Größe\r\nMüller;\"a\nb\"\r\n".repeat(20).as_bytes(), 500, 9);
    flip(
        "b.csv",
        &"\u{feff}Name;Größe\r\nMüller;\"a\nb\"\r\n".repeat(20).encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>(),
        500,
        10,
    );
    flip("a.json", r#"[{"a":1,"b":[true,null,"ü\n"]},{"c":{"d":-1.5e3}}]"#.as_bytes(), 800, 11);
    flip("a.txt", "Name   : a\r\nWert   : b\r\n         c\r\n\r\n".repeat(10).as_bytes(), 500, 12);
}
