//! Files that were made to do harm. Each must end within two seconds and 300 MB.
use std::io::Write;

use crate::files::*;
use dpia365::sheets::{self, Kind, Limits, Refused};

fn refused(what: &str, name: &str, bytes: &[u8]) -> Refused {
    let temp = Temp::new();
    let path = temp.file(name, bytes);
    bounded(what, || drain(&path, &Limits::default())).err().unwrap_or_else(|| panic!("{what} was read"))
}

fn code(what: &str, name: &str, bytes: &[u8], code: &str) -> Refused {
    let refused = refused(what, name, bytes);
    assert_eq!(refused.code, code, "{what}: {refused:?}");
    assert!(!refused.message.is_empty() && !refused.help.is_empty() && !refused.message.contains('\n') && !refused.message.ends_with('.'));
    refused
}

#[test]
fn encrypted() {
    let _turn = turn();
    code("encrypted xlsx", "a.xlsx", &ole(&[("EncryptionInfo", &[0; 100]), ("EncryptedPackage", &[7; 5000])]), "sheet-encrypted");
    let stream = join(&[&record(0x0809, &[0, 6, 5, 0, 0, 0, 0, 0]), &record(0x002F, &[1, 0, 1, 0])]);
    code("encrypted xls", "a.xls", &ole(&[("Workbook", &stream)]), "sheet-encrypted");
    let manifest = br#"<manifest:manifest><manifest:file-entry><manifest:encryption-data/></manifest:file-entry></manifest:manifest>"#;
    let bytes =
        zip(&[("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"), ("META-INF/manifest.xml", manifest), ("content.xml", b"x")]);
    code("encrypted ods", "a.ods", &bytes, "sheet-encrypted");
}

#[test]
fn unknown() {
    let _turn = turn();
    for (name, bytes) in [
        ("a.pdf", b"%PDF-1.7\n".to_vec()),
        ("a.csv", b"\x89PNG\r\n\x1a\n".to_vec()),
        ("a.xls", b"<html><table><tr><td>1</td></tr></table></html>".to_vec()),
        ("a.zip", zip(&[("a.csv", b"a,b"), ("b.csv", b"c")])),
        ("a.doc", ole(&[("WordDocument", &[0; 600])])),
        ("a.xls", ole(&[("Book", &[0; 600])])),
        ("a.docx", zip(&[("[Content_Types].xml", b"<Types><Override ContentType='application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml'/></Types>")])),
        ("a.bin", vec![1, 2, 3, 0, 5, 6, 7, 8, 9, 10, 11, 12]),
    ] {
        code(name, name, &bytes, "sheet-unknown");
    }
    assert_eq!(sheets::open("/tmp".as_ref(), &Limits::default()).unwrap_err().code, "sheet-unknown");
    assert_eq!(sheets::open("/nowhere/at/all".as_ref(), &Limits::default()).unwrap_err().code, "sheet-broken");
    code("empty", "a.csv", b"", "sheet-broken");
}

#[test]
fn bombs() {
    let _turn = turn();
    let mut big = sheet("").into_bytes();
    let at = big.len() - "</sheetData></worksheet>".len();
    big.splice(at..at, std::iter::repeat_n(b' ', 400 << 20));
    let bytes = xlsx(&big, &[]);
    code("spaces", "a.xlsx", &bytes, "sheet-expands");
    // The same with sizes that lie: a mere hundred bytes.
    let mut lying = bytes;
    let size = (big.len() as u32).to_le_bytes();
    while let Some(at) = lying.windows(4).position(|w| w == size) {
        lying[at..at + 4].copy_from_slice(&100u32.to_le_bytes());
    }
    let outcome = refused("spaces, lying", "a.xlsx", &lying);
    assert!(matches!(outcome.code, "sheet-expands" | "sheet-broken"), "{outcome:?}");
    drop((lying, big));
    let row = "<row><c><v>1</v></c></row>".repeat(4 << 20);
    let outcome = refused("rows", "a.xlsx", &xlsx(sheet(&row).as_bytes(), &[]));
    assert!(matches!(outcome.code, "sheet-expands" | "sheet-too-large"), "{outcome:?}");
    drop(row);
    let strings = format!("<sst>{}</sst>", "<si><t>x</t></si>".repeat(8 << 20));
    code("shared strings", "a.xlsx", &xlsx(sheet("").as_bytes(), &[("xl/sharedStrings.xml", strings.as_bytes())]), "sheet-expands");
    let strings = format!("<sst>{}</sst>", "<x:si/>".repeat(8 << 20));
    code("empty shared strings", "a.xlsx", &xlsx(sheet("").as_bytes(), &[("xl/SharedStrings.xml", strings.as_bytes())]), "sheet-expands");
    let strings = format!("<sst><si><t>{}</t></si></sst>", "y".repeat(32 << 20));
    code("one shared string", "a.xlsx", &xlsx(sheet("").as_bytes(), &[("xl/sharedStrings.xml", strings.as_bytes())]), "sheet-expands");
    // A text of 4 MB that many cells point at.
    let strings = format!("<sst><si><t>{}</t></si></sst>", "y".repeat(3 << 20));
    let cells: String = (1..=1000).map(|r| format!("<row r='{r}'><c r='A{r}' t='s'><v>0</v></c></row>")).collect();
    code("pointed at", "a.xlsx", &xlsx(sheet(&cells).as_bytes(), &[("xl/sharedStrings.xml", strings.as_bytes())]), "sheet-expands");
    let cells: String = (0..100).map(|_| "<c t='s'><v>0</v></c>".to_owned()).collect();
    code(
        "pointed at in a row",
        "a.xlsx",
        &xlsx(sheet(&format!("<row>{cells}</row>")).as_bytes(), &[("xl/sharedStrings.xml", strings.as_bytes())]),
        "sheet-expands",
    );
    // A comment that is one event of the XML reader, from data that does not compress so well.
    let mut noise = String::new();
    let mut x = 1u32;
    while noise.len() < 60 << 20 {
        x = x.wrapping_mul(1664525).wrapping_add(1013904223);
        noise.push_str(if x >> 24 > 128 { "<a><b>" } else { "<b><a>" });
        noise.push_str(&"<c>".repeat((x >> 28) as usize * 40));
    }
    let bytes = xlsx(sheet(&format!("<!--{noise}-->")).as_bytes(), &[]);
    code("comment", "a.xlsx", &bytes, "sheet-expands");
    let bytes = xlsx(sheet(&format!("<row r='1'><c r=\"{noise}\"/></row>")).as_bytes(), &[]);
    code("attribute", "a.xlsx", &bytes, "sheet-expands");
}

#[test]
fn declared_counts() {
    let _turn = turn();
    code(
        "unique count",
        "a.xlsx",
        &xlsx(sheet("").as_bytes(), &[("xl/sharedStrings.xml", b"<sst uniqueCount=\"99999999999\"><si><t>x</t></si></sst>")]),
        "sheet-broken",
    );
    let row = "<row r='1'><c r='A1'><f t='shared' ref='A1:A2' si='99999999999999'>A2</f></c></row>";
    let temp = Temp::new();
    let path = temp.file("a.xlsx", &xlsx(sheet(row).as_bytes(), &[]));
    bounded("shared index", || drain(&path, &Limits::default())).unwrap();
    let fonts = format!(
        "<styleSheet><fonts><font><name val=\"{}\"/></font></fonts><cellXfs>{}</cellXfs></styleSheet>",
        "f".repeat(100_000),
        "<xf fontId='0'/>".repeat(60_000)
    );
    code("fonts", "a.xlsx", &xlsx(sheet("").as_bytes(), &[("xl/styles.xml", fonts.as_bytes())]), "sheet-expands");
    let main = format!("<workbook><sheets>{}</sheets></workbook>", "<sheet name='' r:id='rId1'/>".repeat(1 << 20));
    code("sheets", "a.xlsx", &xlsx(sheet("").as_bytes(), &[("xl/workbook.xml", main.as_bytes())]), "sheet-expands");
    // Very many entries in the directory.
    let names: Vec<String> = (0..150_000).map(|n| format!("p{n}")).collect();
    let parts: Vec<(&str, &[u8])> = names.iter().map(|n| (n.as_str(), &b""[..])).collect();
    code("entries", "a.xlsx", &zip(&parts), "sheet-expands");
}

/// What is just allowed must also keep within the memory.
#[test]
fn many_strings() {
    let _turn = turn();
    let temp = Temp::new();
    for (what, count, width) in [("short strings", 1_000_000, 1), ("long strings", 330_000, 250)] {
        let mut strings = String::from("<sst>");
        let mut x = 1u64;
        for _ in 0..count {
            x = x.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            let _ = std::fmt::Write::write_fmt(&mut strings, format_args!("<si><t>{:0width$}</t></si>", x >> 44));
        }
        strings.push_str("</sst>");
        let path = temp.file(
            "a.xlsx",
            &xlsx(sheet("<row r='1'><c r='A1' t='s'><v>7</v></c></row>").as_bytes(), &[("xl/sharedStrings.xml", strings.as_bytes())]),
        );
        drop(strings);
        assert_eq!(bounded(what, || drain(&path, &Limits::default())).unwrap_or_else(|r| panic!("{what}: {r:?}")), 1);
    }
}

#[test]
fn dimensions() {
    let _turn = turn();
    let temp = Temp::new();
    let body = r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><dimension ref="A1:XFD1048576"/><sheetData><row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row></sheetData></worksheet>"#;
    let path = temp.file("a.xlsx", &xlsx(body.as_bytes(), &[]));
    bounded("dimension", || {
        let mut document = sheets::open(&path, &Limits::default()).unwrap();
        let found = rows(&mut document, 0).unwrap();
        assert_eq!(found[1], (1_048_576, vec![(16_383, Kind::Number, "2".to_owned())]));
    });
    code("beyond", "a.xlsx", &xlsx(sheet("<row r='1048577'><c r='A1048577'><v>1</v></c></row>").as_bytes(), &[]), "sheet-broken");
    code("far beyond", "a.xlsx", &xlsx(sheet("<row r='1'><c r='ZZZZZZZZ99999999999'><v>1</v></c></row>").as_bytes(), &[]), "sheet-broken");
    code(
        "backwards",
        "a.xlsx",
        &xlsx(sheet("<row r='5'><c r='A5'><v>1</v></c></row><row r='2'><c r='A2'><v>1</v></c></row>").as_bytes(), &[]),
        "sheet-broken",
    );
    let data = join(&[
        &brt(0x00, &[0xFF, 0xFF, 0x0F, 0, 0, 0, 0, 0]),
        &brt(0x05, &join(&[&0xFFFF_FFFFu32.to_le_bytes(), &[0; 4], &1.5f64.to_le_bytes()])),
    ]);
    code("xlsb column", "a.xlsb", &xlsb(&data, &[]), "sheet-broken");
    // Columns in the wrong order come in the right one.
    let path = temp.file(
        "b.xlsx",
        &xlsx(sheet("<row r='1'><c r='C1'><v>3</v></c><c r='A1'><v>1</v></c><c r='C1'><v>4</v></c></row>").as_bytes(), &[]),
    );
    let mut document = sheets::open(&path, &Limits::default()).unwrap();
    assert_eq!(rows(&mut document, 0).unwrap()[0].1.iter().map(|c| c.2.as_str()).collect::<Vec<_>>(), ["1", "4"]);
}

#[test]
fn entities() {
    let _turn = turn();
    let laughs = r#"<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;"><!ENTITY f SYSTEM "file:///etc/passwd">]><worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>&b;&f;</t></is></c></row></sheetData></worksheet>"#;
    code("sheet", "a.xlsx", &xlsx(laughs.as_bytes(), &[]), "sheet-entities");
    code("strings", "a.xlsx", &xlsx(sheet("").as_bytes(), &[("xl/sharedStrings.xml", laughs.as_bytes())]), "sheet-entities");
    code("rels", "a.xlsx", &xlsx(sheet("").as_bytes(), &[("_rels/.rels", laughs.as_bytes())]), "sheet-entities");
    let bytes = zip(&[("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"), ("content.xml", laughs.as_bytes())]);
    code("ods", "a.ods", &bytes, "sheet-entities");
    // At the seam of two pieces.
    for shift in 65_520..65_540 {
        let text = format!("<?xml version=\"1.0\"?>{}<!DOCTYPE x><worksheet/>", " ".repeat(shift - 21));
        let temp = Temp::new();
        let refused = sheets::open(&temp.file("a.xlsx", &xlsx(text.as_bytes(), &[])), &Limits::default()).unwrap_err();
        assert_eq!(refused.code, "sheet-entities");
    }
}

#[test]
fn truncated() {
    let _turn = turn();
    let whole = real_xlsx(200, 10);
    let temp = Temp::new();
    for parts in 1..20 {
        let path = temp.file("a.xlsx", &whole[..whole.len() * parts / 20]);
        let refused = bounded("truncated xlsx", || drain(&path, &Limits::default())).unwrap_err();
        assert_eq!(refused.code, "sheet-broken", "{refused:?}");
    }
    let cut = &sheet("<row r='1'><c r='A1'><v>1</v></c></row><row r='2'><c r='A2'><v>2</v></c></row>");
    let cut = &cut[..cut.len() - 40];
    let refused = code("cut part", "a.xlsx", &xlsx(cut.as_bytes(), &[]), "sheet-broken");
    assert_eq!(refused.sheet.as_deref(), Some("One"));
    let book = biff(&[("A", 0, (0..2000u16).flat_map(|r| cell(0x0203, r, 0, 0, &1.0f64.to_le_bytes())).collect())], &[]);
    let whole = ole(&[("Workbook", &book)]);
    for parts in 1..20 {
        let path = temp.file("a.xls", &whole[..whole.len() * parts / 20]);
        let _ = bounded("truncated xls", || drain(&path, &Limits::default()));
    }
    for text in ["[1,2", "{\"a\":", "[{\"a\":\"x", "[tru"] {
        code("json", "a.json", text.as_bytes(), "sheet-broken");
    }
}

#[test]
fn large_csv() {
    let _turn = turn();
    let temp = Temp::new();
    let path = temp.0.path().join("a.csv");
    let mut file = std::io::BufWriter::new(std::fs::File::create(&path).unwrap());
    let line = "user0001@contoso.com,Some Name,12,true,2026-10-30,0.5,x,y,z,last\n".repeat(1000);
    for _ in 0..3000 {
        file.write_all(line.as_bytes()).unwrap();
    }
    drop(file);
    assert!(std::fs::metadata(&path).unwrap().len() > 190_000_000);
    let refused = bounded("200 MB of rows", || drain(&path, &Limits::default())).unwrap_err();
    assert_eq!(refused.code, "sheet-too-large", "{refused:?}");
    assert!(
        refused.message.contains("rows") && refused.message.contains("1000000") && refused.help.contains("--limit rows="),
        "{refused:?}"
    );
    let refused = sheets::open(&path, &Limits { bytes: 1 << 20, ..Limits::default() }).unwrap_err();
    assert!(refused.message.contains("megabytes"), "{refused:?}");

    let mut file = std::io::BufWriter::new(std::fs::File::create(&path).unwrap());
    file.write_all(b"a,b\n1,\"").unwrap();
    for _ in 0..3000 {
        file.write_all(line.as_bytes()).unwrap();
    }
    drop(file);
    let refused = bounded("a quotation mark that is not closed", || drain(&path, &Limits::default())).unwrap_err();
    assert_eq!(refused.code, "sheet-too-large", "{refused:?}");

    std::fs::write(&path, "a,".repeat(100 << 20)).unwrap();
    let refused = bounded("one line", || drain(&path, &Limits::default())).unwrap_err();
    assert_eq!(refused.code, "sheet-too-large", "{refused:?}");
    std::fs::write(&path, ",".repeat(200 << 20)).unwrap();
    let refused = bounded("one line of nothing", || drain(&path, &Limits::default())).unwrap_err();
    assert_eq!(refused.code, "sheet-too-large", "{refused:?}");
    std::fs::write(&path, "\n".repeat(200 << 20)).unwrap();
    let _ = bounded("empty lines", || drain(&path, &Limits::default()));
    std::fs::write(&path, "a : b\n".repeat(30 << 20)).unwrap();
    let refused = bounded("list", || drain(&path, &Limits::default())).unwrap_err();
    assert_eq!(refused.code, "sheet-too-large", "{refused:?}");
    std::fs::write(&path, "a\n".repeat(2000) + &"\u{e4}".repeat(100 << 20)).unwrap();
    let _ = bounded("no separator", || drain(&path, &Limits::default()));
}

#[test]
fn limits() {
    let _turn = turn();
    let temp = Temp::new();
    let path = temp.file("a.csv", "1,2,3\n".repeat(1000).as_bytes());
    let with = |limits: Limits| drain(&path, &limits);
    assert!(with(Limits { rows: 1000, cells: 3000, ..Limits::default() }).is_ok());
    assert!(with(Limits { rows: 999, ..Limits::default() }).unwrap_err().message.contains("rows"));
    assert!(with(Limits { cells: 2999, ..Limits::default() }).unwrap_err().message.contains("cells"));
    assert_eq!(with(Limits { seconds: 0, ..Limits::default() }).unwrap_err().code, "sheet-too-slow");
    let path = temp.file("a.xlsx", &real_xlsx(100, 10));
    assert_eq!(drain(&path, &Limits { seconds: 0, ..Limits::default() }).unwrap_err().code, "sheet-too-slow");
    let refused = drain(&path, &Limits { expanded: 1000, ..Limits::default() }).unwrap_err();
    assert_eq!(refused.code, "sheet-expands");
}

#[test]
fn deep_and_huge_json() {
    let _turn = turn();
    code("deep", "a.json", &[b"[".repeat(1 << 20), b"]".repeat(1 << 20)].concat(), "sheet-broken");
    code("deep objects", "a.json", "{\"a\":".repeat(100_000).as_bytes(), "sheet-broken");
    let huge = format!("[{}1]", "1,".repeat(50 << 20));
    let refused = code("huge", "a.json", huge.as_bytes(), "sheet-too-large");
    assert!(refused.help.contains("--limit values="));
    code("objects", "a.json", format!("[{}1]", "{\"a\":1},".repeat(10 << 20)).as_bytes(), "sheet-too-large");
    code("long text", "a.json", format!("[\"{}\"]", "x".repeat(200 << 20)).as_bytes(), "sheet-too-large");
    let temp = Temp::new();
    // What is just allowed must also keep within the memory.
    for (what, text) in [
        ("numbers", format!("[{}1]", "1,".repeat(1_900_000))),
        ("small objects", format!("[{}1]", "{\"a\":1},".repeat(240_000))),
        ("empty objects", format!("[{}1]", "{},".repeat(240_000))),
        ("arrays", format!("[{}1]", "[],".repeat(330_000))),
        ("arrays of one", format!("[{}1]", "[1],".repeat(320_000))),
        ("objects of three", format!("[{}1]", "{\"a\":1,\"b\":2,\"c\":3},".repeat(190_000))),
        ("objects of nine", format!("[{}1]", "{\"a\":1,\"b\":2,\"c\":3,\"d\":1,\"e\":1,\"f\":1,\"g\":1,\"h\":1,\"i\":1},".repeat(110_000))),
        ("texts", format!("[{}1]", format!("\"{}\",", "x".repeat(127)).repeat(620_000))),
        ("one text", format!("[\"{}\"]", "x".repeat(120 << 20))),
        ("blanks", format!("[1{}]", " \t".repeat(100 << 20))),
        ("one object", format!("{{{}\"x\":1}}", (0..1_600_000).map(|n| format!("\"{n}\":1,")).collect::<String>())),
    ] {
        let path = temp.file("a.json", text.as_bytes());
        drop(text);
        bounded(what, || sheets::open(&path, &Limits::default()).map(|_| ())).unwrap_or_else(|r| panic!("{what}: {r:?}"));
    }
}

#[test]
fn xls_bombs() {
    let _turn = turn();
    // Many sheets that are all the same, each with many cells that point at one long text.
    let text = join(&[&[0xF0, 0x1F, 0], &[b'y'; 0x1FF0]]);
    let sst = record(0x00FC, &join(&[&1u32.to_le_bytes(), &1u32.to_le_bytes(), &text]));
    let cells: Vec<u8> = (0..60_000u16).flat_map(|r| (0..8).flat_map(move |c| cell(0x00FD, r, c, 0, &[0; 4]))).collect();
    let refused = code("xls texts", "a.xls", &ole(&[("Workbook", &biff(&[("A", 0, cells)], &sst))]), "sheet-expands");
    assert_eq!(refused.sheet.as_deref(), Some("A"));
    let temp = Temp::new();
    let cells = join(&[
        &record(0x0200, &[0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0xFF, 0xFF, 0, 0]),
        &cell(0x0203, 0, 0, 0, &[0; 8]),
        &cell(0x0203, 65535, 255, 0, &[0; 8]),
    ]);
    let path = temp.file("a.xls", &ole(&[("Workbook", &biff(&[("A", 0, cells)], &[]))]));
    assert_eq!(bounded("xls dimensions", || drain(&path, &Limits::default())).unwrap(), 2);
    code("xls column", "a.xls", &ole(&[("Workbook", &biff(&[("A", 0, cell(0x0203, 0, 0xFFFF, 0, &[0; 8]))], &[]))]), "sheet-broken");
    code("xls text missing", "a.xls", &ole(&[("Workbook", &biff(&[("A", 0, cell(0x00FD, 0, 0, 0, &[9; 4]))], &[]))]), "sheet-broken");
    let sst = record(0x00FC, &join(&[&[0xFF; 8], &[0xFF, 0xFF, 0x0C, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]]));
    code("xls strings", "a.xls", &ole(&[("Workbook", &biff(&[("A", 0, vec![])], &sst))]), "sheet-broken");
}

#[test]
fn ods_bombs() {
    let _turn = turn();
    let row = |attributes: &str, cell: &str| {
        ods(&format!(
            "<table:table table:name='A'><table:table-row {attributes}><table:table-cell {cell}><text:p>x</text:p></table:table-cell></table:table-row></table:table>"
        ))
    };
    code("ods rows", "a.ods", &row("table:number-rows-repeated='4000000000'", ""), "sheet-too-large");
    code(
        "ods rows",
        "a.ods",
        &row("table:number-rows-repeated='99999999999999999999'", "table:number-columns-repeated='18446744073709551615'"),
        "sheet-too-large",
    );
    code("ods both", "a.ods", &row("table:number-rows-repeated='1048576'", "table:number-columns-repeated='16384'"), "sheet-too-large");
    let nested = "<text:span>".repeat(2 << 20);
    let _ =
        refused("ods nested", "a.ods", &ods(&format!("<table:table table:name='A'><table:table-row><table:table-cell><text:p>{nested}")));
    let nested = "<table:table table:name='x'>".repeat(1 << 20);
    let _ = refused("ods tables", "a.ods", &ods(&nested));
    let paragraphs = "<text:p>x</text:p>".repeat(2 << 20);
    let temp = Temp::new();
    let path = temp.file(
        "a.ods",
        &ods(&format!(
            "<table:table table:name='A'><table:table-row><table:table-cell>{paragraphs}</table:table-cell></table:table-row></table:table>"
        )),
    );
    assert_eq!(bounded("ods text", || drain(&path, &Limits::default())).unwrap(), 1);
}

#[test]
fn xlsb_bombs() {
    let _turn = turn();
    let long = [0x07, 0xFF, 0xFF, 0xFF, 0x7F];
    code("xlsb record", "a.xlsb", &xlsb(&long, &[]), "sheet-broken");
    code(
        "xlsb text",
        "a.xlsb",
        &xlsb(&join(&[&brt(0x00, &[0; 17]), &brt(0x07, &[0, 0, 0, 0, 0, 0, 0, 0, 9, 9, 9, 9])]), &[]),
        "sheet-broken",
    );
}
