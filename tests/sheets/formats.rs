//! Every format and encoding.
use crate::files::*;
use dpia365::sheets::{self, Document, Format, Kind, Limits, Place, cell_name};

fn open(path: &std::path::Path) -> Document {
    sheets::open(path, &Limits::default()).unwrap_or_else(|r| panic!("{r:?}"))
}

fn texts(found: &Found) -> Vec<(u32, Vec<String>)> {
    found.iter().map(|(n, cells)| (*n, cells.iter().map(|(c, _, t)| format!("{}={t}", cell_name(*c, *n))).collect())).collect()
}

fn csv(bytes: &[u8]) -> (Vec<(u32, Vec<String>)>, Vec<String>) {
    let temp = Temp::new();
    let mut document = open(&temp.file("a.csv", bytes));
    assert_eq!(document.format(), Format::Csv);
    let found = rows(&mut document, 0).unwrap_or_else(|r| panic!("{r:?}"));
    (texts(&found), document.notes())
}

fn row(number: u32, cells: &[&str]) -> (u32, Vec<String>) {
    (number, cells.iter().map(|c| c.to_string()).collect())
}

#[test]
fn names_of_cells() {
    assert_eq!(cell_name(0, 1), "A1");
    assert_eq!(cell_name(1, 12), "B12");
    assert_eq!(cell_name(25, 1), "Z1");
    assert_eq!(cell_name(26, 1), "AA1");
    assert_eq!(cell_name(16383, 1048576), "XFD1048576");
    let _ = cell_name(u32::MAX, u32::MAX);
}

#[test]
fn csv_kinds() {
    let expected = vec![row(1, &["A1=a", "B1=b"]), row(2, &["A2=1", "C2=x\ny"]), row(3, &["A3=é", "B3=2", "C3=3", "D3=4"])];
    assert_eq!(csv("a,b\n1,,\"x\ny\"\né,2,3,4".as_bytes()).0, expected);
    assert_eq!(csv("a;b\r\n1;;\"x\ny\"\r\né;2;3;4\r\n".as_bytes()).0, expected);
    assert_eq!(csv("a\tb\n1\t\t\"x\ny\"\né\t2\t3\t4\n\n".as_bytes()).0, expected);
    assert_eq!(csv("sep=;\na;b".as_bytes()).0, vec![row(2, &["A2=a", "B2=b"])]);
    assert_eq!(csv("#TYPE Selected.X\r\n\"a\",\"b\"\r\n".as_bytes()).0, vec![row(2, &["A2=a", "B2=b"])]);
    // Rows count as a spreadsheet shows them: empty lines do, line breaks in quotation marks do not.
    assert_eq!(
        csv(b"a,b\n\n\n\"1\n2\n3\",4\n,,\n5,6\n").0,
        vec![row(1, &["A1=a", "B1=b"]), row(4, &["A4=1\n2\n3", "B4=4"]), row(6, &["A6=5", "B6=6"])]
    );
    assert_eq!(csv(b"a,b\r1,2\r").0, vec![row(1, &["A1=a", "B1=b"]), row(2, &["A2=1", "B2=2"])]);
}

#[test]
fn lines_of_csv() {
    let temp = Temp::new();
    let Document::Tables(mut tables) = open(&temp.file("a.csv", b"a\n\n\"1\n2\"\n3")) else { panic!() };
    let mut rows = tables.rows(0).unwrap();
    let mut lines = Vec::new();
    while let Some(row) = rows.next_row().unwrap() {
        lines.push((row.number(), row.line()));
    }
    assert_eq!(lines, [(1, 1), (3, 3), (4, 5)]);
    drop(rows);
    let Document::Tables(mut tables) = open(&temp.file("a.csv", b"a\r\n\r\n\"1\r\n2\"\r\n3\r\n4")) else { panic!() };
    let mut rows = tables.rows(0).unwrap();
    let mut lines = Vec::new();
    while let Some(row) = rows.next_row().unwrap() {
        lines.push((row.number(), row.line()));
    }
    assert_eq!(lines, [(1, 1), (3, 3), (4, 5), (5, 6)]);
}

#[test]
fn encodings() {
    let text = "Name;Größe\nMüller;ß€😀\n";
    let expected = vec![row(1, &["A1=Name", "B1=Größe"]), row(2, &["A2=Müller", "B2=ß€😀"])];
    let utf16 = |le: bool, bom: bool| -> Vec<u8> {
        let text = if bom { format!("\u{feff}{text}") } else { text.to_owned() };
        text.encode_utf16().flat_map(|u| if le { u.to_le_bytes() } else { u.to_be_bytes() }).collect()
    };
    assert_eq!(csv(text.as_bytes()), (expected.clone(), vec![]));
    assert_eq!(csv(format!("\u{feff}{text}").as_bytes()), (expected.clone(), vec![]));
    assert_eq!(csv(&utf16(true, true)), (expected.clone(), vec![]));
    assert_eq!(csv(&utf16(false, true)), (expected.clone(), vec![]));
    let (found, notes) = csv(&utf16(true, false));
    assert_eq!(found, expected);
    assert_eq!(notes.len(), 1, "{notes:?}");
    let (found, notes) = csv(b"Name;Gr\xF6\xDFe\nM\xFCller;\x80\n");
    assert_eq!(found, vec![row(1, &["A1=Name", "B1=Größe"]), row(2, &["A2=Müller", "B2=€"])]);
    assert!(notes[0].contains("windows-1252"), "{notes:?}");
    // The first foreign byte far into the file.
    let mut late = b"a,b\n".repeat(100_000);
    late.extend(b"M\xFCller,1\n");
    let (found, notes) = csv(&late);
    assert_eq!(found.last().unwrap().1[0], "A100001=Müller");
    assert_eq!(notes.len(), 1);
    // UTF-16 that does not fit the pieces.
    let long: Vec<u8> = format!("\u{feff}{}", "ä😀,ß\n".repeat(50_000)).encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(csv(&long).0.len(), 50_000);
    let long = format!("\u{feff}{}", "ä😀,ßx\n".repeat(50_000));
    assert!(csv(long.as_bytes()).0.iter().all(|(_, cells)| cells[0].ends_with("=ä😀") && cells[1].ends_with("=ßx")));
}

#[test]
fn mixed_encodings() {
    let temp = Temp::new();
    for bytes in [b"\xEF\xBB\xBFa,b\nc,d\n\xFF,e\n".to_vec(), b"\xC3\xA4,b\nc,d\nM\xFCller,e\n".to_vec()] {
        let refused = drain(&temp.file("a.csv", &bytes), &Limits::default()).unwrap_err();
        assert_eq!(refused.code, "sheet-encoding");
        assert!(refused.message.contains("line 3"), "{refused:?}");
    }
    let refused = drain(&temp.file("b.csv", b"\xFF\xFEa\0,\0b\0\n\0\x00\xD8x\0"), &Limits::default()).unwrap_err();
    assert_eq!(refused.code, "sheet-encoding", "{refused:?}");
}

#[test]
fn xlsx_values() {
    use rust_xlsxwriter::{ExcelDateTime, Format as Style, Formula, Workbook};
    let mut book = Workbook::new();
    let date = Style::new().set_num_format("yyyy-mm-dd");
    let time = Style::new().set_num_format("dd.mm.yyyy hh:mm:ss");
    let hours = Style::new().set_num_format("[h]:mm:ss");
    let sheet = book.add_worksheet().set_name("Liste").unwrap();
    sheet.write_string(0, 0, "Größe & <Wert>").unwrap();
    sheet.write_number(0, 1, 12.0).unwrap();
    sheet.write_number(0, 2, 0.1).unwrap();
    sheet.write_boolean(0, 3, true).unwrap();
    sheet.write_with_format(2, 0, ExcelDateTime::from_ymd(2026, 10, 30).unwrap(), &date).unwrap();
    sheet.write_with_format(2, 1, ExcelDateTime::from_ymd(2026, 10, 30).unwrap().and_hms(12, 0, 0).unwrap(), &time).unwrap();
    sheet.write_number_with_format(2, 2, 1.25, &hours).unwrap();
    sheet.write_formula(2, 3, Formula::new("=1+2").set_result("3")).unwrap();
    sheet.write_formula(2, 4, Formula::new("=\"a\"&\"b\"").set_result("ab")).unwrap();
    sheet.merge_range(4, 1, 5, 3, "Merged", &Style::new()).unwrap();
    book.add_worksheet().set_name("Geheim").unwrap().set_hidden(true).write_string(0, 0, "x").unwrap();
    let temp = Temp::new();
    let mut document = open(&temp.file("a.xlsx", &book.save_to_buffer().unwrap()));
    assert_eq!(document.format(), Format::Xlsx);
    assert!(document.notes().is_empty());
    let Document::Tables(tables) = &document else { panic!() };
    let sheets: Vec<_> = tables.sheets().iter().map(|s| (s.index, s.name.as_str(), s.hidden)).collect();
    assert_eq!(sheets, [(0, "Liste", false), (1, "Geheim", true)]);
    let found = rows(&mut document, 0).unwrap();
    assert_eq!(
        found,
        vec![
            (
                1,
                vec![
                    (0, Kind::Text, "Größe & <Wert>".to_owned()),
                    (1, Kind::Number, "12".to_owned()),
                    (2, Kind::Number, "0.1".to_owned()),
                    (3, Kind::Flag, "True".to_owned())
                ]
            ),
            (
                3,
                vec![
                    (0, Kind::Date, "2026-10-30".to_owned()),
                    (1, Kind::Date, "2026-10-30T12:00:00".to_owned()),
                    (2, Kind::Date, "30:00:00".to_owned()),
                    (3, Kind::Number, "3".to_owned()),
                    (4, Kind::Text, "ab".to_owned())
                ]
            ),
            (5, vec![(1, Kind::Text, "Merged".to_owned())]),
        ]
    );
    assert_eq!(rows(&mut document, 1).unwrap().len(), 1);
    assert_eq!(rows(&mut document, 1).unwrap().len(), 1, "once more");
    assert_eq!(rows(&mut document, 7).unwrap_err().code, "sheet-broken");
}

#[test]
fn xlsx_by_hand() {
    let data = r##"<row r="2"><c r="B2"><f>SUM(A1:A9)</f></c><c r="C2"><f>1+1</f><v>2</v></c><c r="D2" t="e"><v>#N/A</v></c><c r="F2" t="e"><v>#SPILL!</v></c><c r="G2" t="inlineStr"><is><r><t>in</t></r><r><t>line</t></r></is></c></row>
        <row r="3"><c r="A3" t="e"><f>X()</f><v>#CALC!</v></c><c r="B3"><f t="shared" ref="B3:B4" si="0">A3*2</f></c></row>
        <row r="4"><c r="B4"><f t="shared" si="0"/></c><c r="A4" t="b"><v>0</v></c><c r="C4" t="d"><v>2026-10-30T00:00:00</v></c></row>
        <row r="5"><c r="A5" s="3"/></row><row><c><v>7</v></c><c t="str"><v>x &amp; y</v></c></row>"##;
    let temp = Temp::new();
    let mut document = open(&temp.file("a.xlsx", &xlsx(sheet(data).as_bytes(), &[])));
    let cell = |column, kind, text: &str| (column, kind, text.to_owned());
    assert_eq!(
        rows(&mut document, 0).unwrap_or_else(|r| panic!("{r:?}")),
        vec![
            (
                2,
                vec![
                    cell(1, Kind::Formula, "=SUM(A1:A9)"),
                    cell(2, Kind::Number, "2"),
                    cell(3, Kind::Error, "#N/A"),
                    cell(5, Kind::Error, "#SPILL!"),
                    cell(6, Kind::Text, "inline")
                ]
            ),
            (3, vec![cell(0, Kind::Error, "#CALC!"), cell(1, Kind::Formula, "=A3*2")]),
            (4, vec![cell(0, Kind::Flag, "False"), cell(1, Kind::Formula, "=A4*2"), cell(2, Kind::Date, "2026-10-30")]),
            (6, vec![cell(0, Kind::Number, "7"), cell(1, Kind::Text, "x & y")]),
        ]
    );
}

#[test]
fn xlsb_values() {
    let data = join(&[
        &brt(0x00, &join(&[&4u32.to_le_bytes(), &[0; 13]])),
        &brt(0x07, &join(&[&1u32.to_le_bytes(), &[0; 4], &0u32.to_le_bytes()])),
        &brt(0x05, &join(&[&2u32.to_le_bytes(), &[0; 4], &1.5f64.to_le_bytes()])),
        &brt(0x04, &join(&[&3u32.to_le_bytes(), &[0; 4], &[1]])),
        &brt(0x03, &join(&[&4u32.to_le_bytes(), &[0; 4], &[0x2A]])),
    ]);
    let temp = Temp::new();
    let mut document = open(&temp.file("a.xlsb", &xlsb(&data, &["Wörter"])));
    assert_eq!(document.format(), Format::Xlsb);
    assert_eq!(
        rows(&mut document, 0).unwrap_or_else(|r| panic!("{r:?}")),
        vec![(
            5,
            vec![
                (1, Kind::Text, "Wörter".to_owned()),
                (2, Kind::Number, "1.5".to_owned()),
                (3, Kind::Flag, "True".to_owned()),
                (4, Kind::Error, "#N/A".to_owned())
            ]
        )]
    );
}

/// Two shared strings, the second of which goes on in a further record with wide characters.
fn sst() -> Vec<u8> {
    let first = join(&[&2u32.to_le_bytes(), &2u32.to_le_bytes(), &[3, 0, 0], b"one", &[6, 0, 0], b"abc"]);
    let second = join(&[&[1], &"déf".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>()]);
    join(&[&record(0x00FC, &first), &record(0x003C, &second)])
}

#[test]
fn xls_values() {
    let sheet = join(&[
        &cell(0x00FD, 0, 0, 0, &0u32.to_le_bytes()),
        &cell(0x00FD, 0, 1, 0, &1u32.to_le_bytes()),
        &cell(0x0203, 1, 0, 0, &1.5f64.to_le_bytes()),
        &cell(0x027E, 1, 1, 0, &((42u32 << 2) | 2).to_le_bytes()),
        &cell(0x0203, 1, 2, 1, &46325.0f64.to_le_bytes()),
        &cell(0x0203, 1, 3, 2, &46325.5f64.to_le_bytes()),
        &record(
            0x00BD,
            &join(&[&[2, 0, 5, 0], &[0, 0], &((1u32 << 2) | 2).to_le_bytes(), &[0, 0], &((250u32 << 2) | 3).to_le_bytes(), &[6, 0]]),
        ),
        &cell(0x0205, 3, 0, 0, &[1, 0]),
        &cell(0x0205, 3, 1, 0, &[0x2A, 1]),
        &cell(0x0006, 4, 0, 0, &join(&[&7.0f64.to_le_bytes(), &[0; 6]])),
        &cell(0x0006, 4, 1, 0, &join(&[&[0, 0, 0, 0, 0, 0, 0xFF, 0xFF], &[0; 6]])),
        &record(0x0207, &join(&[&[2, 0, 0], b"ok"])),
        &cell(0x0204, 5, 3, 0, &join(&[&[2, 0, 0], b"hi"])),
    ]);
    let temp = Temp::new();
    let book = biff(&[("Eins", 0, sheet), ("Zwei", 1, vec![])], &sst());
    let mut document = open(&temp.file("a.xls", &ole(&[("Workbook", &book)])));
    let Document::Tables(tables) = &document else { panic!() };
    assert_eq!(tables.sheets().iter().map(|s| (s.name.as_str(), s.hidden)).collect::<Vec<_>>(), [("Eins", false), ("Zwei", true)]);
    let found = rows(&mut document, 0).unwrap_or_else(|r| panic!("{r:?}"));
    assert_eq!(
        texts(&found),
        vec![
            row(1, &["A1=one", "B1=abcdéf"]),
            row(2, &["A2=1.5", "B2=42", "C2=2026-10-30", "D2=2026-10-30T12:00:00"]),
            row(3, &["F3=1", "G3=2.5"]),
            row(4, &["A4=True", "B4=#N/A"]),
            row(5, &["A5=7", "B5=ok"]),
            row(6, &["D6=hi"]),
        ]
    );
    assert!(rows(&mut document, 1).unwrap().is_empty());
}

#[test]
fn ods_values() {
    let body = r#"<table:table table:name="Eins"><table:table-column/><table:table-row table:number-rows-repeated="2"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>
      <table:table-row><table:table-cell office:value-type="string"><text:p>a<text:s text:c="2"/>b &amp; <text:span>c</text:span></text:p><text:p>d</text:p></table:table-cell><table:table-cell office:value-type="float" office:value="12"><text:p>12,00</text:p></table:table-cell><table:table-cell table:number-columns-repeated="2" office:value-type="boolean" office:boolean-value="true"><text:p>WAHR</text:p></table:table-cell><table:table-cell office:value-type="date" office:date-value="2026-10-30"><office:annotation><text:p>no</text:p></office:annotation><text:p>30.10.26</text:p></table:table-cell><table:table-cell office:value-type="time" office:time-value="PT12H30M00S"><text:p>x</text:p></table:table-cell><table:table-cell table:formula="of:=[.A1]"/><table:table-cell office:value-type="string" calcext:value-type="error"><text:p>#DIV/0!</text:p></table:table-cell></table:table-row>
      <table:table-row table:number-rows-repeated="2"><table:table-cell/><table:table-cell table:number-columns-spanned="2"><text:p>m</text:p></table:table-cell><table:covered-table-cell><text:p>hid</text:p></table:covered-table-cell><table:table-cell><text:p>n</text:p></table:table-cell></table:table-row>
      <table:table-row table:number-rows-repeated="1048570"><table:table-cell table:number-columns-repeated="16384"/></table:table-row></table:table>
      <table:table table:name="Zwei" table:style-name="ta2"><table:table-row><table:table-cell><text:p>x</text:p></table:table-cell></table:table-row></table:table>"#;
    let temp = Temp::new();
    let mut document = open(&temp.file("a.ods", &ods(body)));
    let Document::Tables(tables) = &document else { panic!() };
    assert_eq!(tables.sheets().iter().map(|s| (s.name.as_str(), s.hidden)).collect::<Vec<_>>(), [("Eins", false), ("Zwei", true)]);
    let found = rows(&mut document, 0).unwrap_or_else(|r| panic!("{r:?}"));
    assert_eq!(
        texts(&found),
        vec![
            row(
                3,
                &["A3=a  b & c\nd", "B3=12", "C3=True", "D3=True", "E3=2026-10-30", "F3=12:30:00", "G3=[.A1]", "H3=#DIV/0!"]
                    .map(|s| s.replace("G3=[", "G3==["))
                    .iter()
                    .map(String::as_str)
                    .collect::<Vec<_>>()
            ),
            row(4, &["B4=m", "D4=n"]),
            row(5, &["B5=m", "D5=n"]),
        ]
    );
    let kinds: Vec<_> = found[0].1.iter().map(|c| c.1).collect();
    assert_eq!(kinds, [Kind::Text, Kind::Number, Kind::Flag, Kind::Flag, Kind::Date, Kind::Date, Kind::Formula, Kind::Error]);
    assert_eq!(texts(&rows(&mut document, 1).unwrap()), vec![row(1, &["A1=x"])]);
}

#[test]
fn list() {
    let temp = Temp::new();
    let text = "\r\nName            : Policy A\r\nDescription     : first line\r\n                  second line \r\nEmpty           : \r\nWhen            : 30.10.2026 12:00:00\r\n\r\n\r\nName            : Policy B\r\nUrl             : https://x.y/z\r\n";
    for bytes in [text.as_bytes().to_vec(), format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect()] {
        let document = open(&temp.file("a.txt", &bytes));
        let Document::Objects(objects) = &document else { panic!("{document:?}") };
        let objects = objects.objects();
        assert_eq!(objects.len(), 2);
        assert_eq!(objects[0].get("Name"), Some("Policy A"));
        assert_eq!(objects[0].get("Description"), Some("first line\nsecond line"));
        assert_eq!(objects[0].get("Empty"), Some(""));
        assert_eq!(objects[0].get("When"), Some("30.10.2026 12:00:00"));
        assert_eq!(objects[1].get("Url"), Some("https://x.y/z"));
        assert_eq!(objects[1].place, Place::Line(9));
        assert_eq!(objects[1].fields[1].place.to_string(), "line 10");
    }
}

#[test]
fn json() {
    let temp = Temp::new();
    let read = |text: &str| match open(&temp.file("a.json", text.as_bytes())) {
        Document::Json(json) => json,
        other => panic!("{other:?}"),
    };
    for text in [r#"[{"a":1,"b/c":null},{"a":"x"}]"#, r#"{"@odata.context":"u","value":[{"a":1,"b/c":null},{"a":"x"}]}"#] {
        let json = read(text);
        let objects: Vec<_> = json.objects().collect();
        assert_eq!(objects.len(), 2);
        assert_eq!(objects[0].get("a"), Some("1"));
        assert_eq!(objects[0].get("b/c"), Some(""));
        assert!(objects[0].fields[1].place.to_string().ends_with("/0/b~1c"));
        let Place::Pointer(pointer) = &objects[1].fields[0].place else { panic!() };
        assert_eq!(json.value().pointer(pointer).unwrap(), "x");
    }
    let json = read(r#"{"z":true,"a":{"n":[1]}}"#);
    let objects: Vec<_> = json.objects().collect();
    assert_eq!(objects[0].fields[0].place.to_string(), "/z");
    assert_eq!(objects[0].get("z"), Some("True"));
    assert_eq!(objects[0].get("a"), Some(r#"{"n":[1]}"#));
    let json = read("{\"a\":1}\n{\"a\":2}\n");
    assert_eq!(json.objects().count(), 2);
    let refused = sheets::open(&temp.file("b.json", b"[\n{\"a\":1},\n{\"a\":}]"), &Limits::default()).unwrap_err();
    assert_eq!(refused.code, "sheet-broken");
    assert!(refused.message.contains("line 3"), "{refused:?}");
    // Windows PowerShell writes UTF-16.
    let wide: Vec<u8> = "\u{feff}[{\"a\":\"ü\"}]".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let Document::Json(json) = open(&temp.file("c.json", &wide)) else { panic!() };
    assert_eq!(json.value()[0]["a"], "ü");
}

#[test]
fn wrong_endings() {
    let temp = Temp::new();
    let document = open(&temp.file("a.xlsx", b"a,b\n1,2\n"));
    assert_eq!(document.format(), Format::Csv);
    assert!(document.notes()[0].contains(".xlsx") && document.notes()[0].contains("CSV"), "{:?}", document.notes());
    let document = open(&temp.file("a.csv", &real_xlsx(2, 2)));
    assert_eq!(document.format(), Format::Xlsx);
    assert_eq!(document.notes().len(), 1);
}

#[test]
fn same_as_calamine() {
    use calamine::{Data, Reader};
    let bytes = real_xlsx(200, 20);
    let temp = Temp::new();
    let mut document = open(&temp.file("a.xlsx", &bytes));
    let found = rows(&mut document, 0).unwrap();
    let mut book: calamine::Xlsx<_> = calamine::Xlsx::new(std::io::Cursor::new(bytes)).unwrap();
    let range = book.worksheet_range_at(0).unwrap().unwrap();
    let mut count = 0;
    for (row, column, value) in range.used_cells() {
        let expected = match value {
            Data::Float(f) => f.to_string(),
            other => other.to_string(),
        };
        let (number, cells) = &found[row];
        assert_eq!(*number as usize, row + 1);
        assert_eq!(cells[column].2, expected);
        count += 1;
    }
    assert_eq!(count, 4000);
}
