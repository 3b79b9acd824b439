//! Diagnostics as rustc prints them.
use crate::diagnostic::{Diagnostic, Severity};
use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

/// All of them, one after the other, without colours.
pub fn render(diagnostics: &[Diagnostic]) -> String {
    diagnostics.iter().map(|d| one(d) + "\n\n").collect()
}

fn one(d: &Diagnostic) -> String {
    let level = match d.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Advice => Level::INFO.with_name("advice"),
    };
    let code = d.code.to_string();
    let mut group = level
        .primary_title(&d.message)
        .id(&code)
        .elements(Option::<Snippet<'_, annotate_snippets::Annotation<'_>>>::None);
    match &d.at {
        Some(at) => {
            let mut first = AnnotationKind::Primary.span(at.span.start..at.span.end);
            if !d.label.is_empty() {
                first = first.label(&d.label);
            }
            let mut snippet = Snippet::source(at.text.body()).path(at.text.path()).annotation(first);
            for (span, label) in &d.also {
                snippet = snippet.annotation(AnnotationKind::Context.span(span.start..span.end).label(label));
            }
            group = group.element(snippet);
        }
        None => group = group.element(annotate_snippets::Origin::path(&d.file)),
    }
    for note in &d.notes {
        group = group.element(Level::NOTE.message(note));
    }
    if let Some(help) = &d.help {
        group = group.element(Level::HELP.message(help));
    }
    Renderer::plain().render(&[group])
}

#[cfg(test)]
mod tests {
    use crate::read;

    #[test]
    fn it_looks_as_rustc_would_print_it() {
        let body = "menu: main\noptions:\n  \"1\": 人工\n  \"1\": 挂失\n";
        let (_, faults) = read("IVR", "main.yaml", body.as_bytes());
        let wants = r#"error[IVR0907]: the key `1` stands twice
 --> main.yaml:4:3
  |
3 |   "1": 人工
  |   --- first here
4 |   "1": 挂失
  |   ^^^ and again here
  |
  = help: keep one of the two

"#;
        assert_eq!(super::render(&faults), wants);
    }
}
