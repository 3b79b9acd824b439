//! What is mended is what needs no decision, and a mended text needs no mending.
//!
//! Not covered: writing files; the program does that.
use switchboard_ivr::tools::fix::fix;
use switchboard_source::read;

#[test]
fn what_yaml_would_misread_is_mended_and_nothing_else() {
    for (text, wants) in [
        ("version: 1\noptions:\n  #: { replay: true }\n", "version: 1\noptions:\n  \"#\": { replay: true }\n"),
        ("version: 1\noptions:\n  *: { replay: true }\n", "version: 1\noptions:\n  \"*\": { replay: true }\n"),
        ("version: 1\na:\n\tb: 1\n", "version: 1\na:\n  b: 1\n"),
        ("version: 1\noptions:\n\t\t#: { a: 1 }\n", "version: 1\noptions:\n    \"#\": { a: 1 }\n"),
        ("version: 1\non: { a: 1 }\n", "version: 1\n\"on\": { a: 1 }\n"),
        ("\u{feff}version: 1\noff: 1\n", "\u{feff}version: 1\n\"off\": 1\n"),
        ("menu: main\n", "version: 1\nmenu: main\n"),
    ] {
        let fixed = fix("a.yaml", text.as_bytes()).unwrap_or_else(|| panic!("{text}"));
        assert_eq!(fixed.text, wants, "{text}");
        assert_eq!(fix("a.yaml", fixed.text.as_bytes()), None, "once is enough: {text}");
        assert!(read("IVR", "a.yaml", wants.as_bytes()).0.is_some(), "{wants}");
    }
    for text in ["", "version: 1\nmneu: main\n", "version: 1\n# a comment: x\na: 1\n", "{{{", "version: 1\na: &x 1\n"] {
        assert_eq!(fix("a.yaml", text.as_bytes()), None, "{text}");
    }
    assert_eq!(fix("a.yaml", &[0xd6, 0xd0]), None);
}
