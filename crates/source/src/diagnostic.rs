//! One thing that is wrong with a text: what, where, and what to do.
use crate::text::{Place, Span, Text};
use std::fmt;
use std::sync::Arc;

/// A rule's name: a family and a number, `IVR0203`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Code {
    /// Whose rules: `IVR` for menus, `CFG` for the configuration.
    pub family: &'static str,
    /// Which of them.
    pub number: u16,
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{:04}", self.family, self.number)
    }
}

/// How grave it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Severity {
    /// It does not go live.
    Error,
    /// It goes live; somebody should look.
    Warning,
    /// The Specification says "may".
    Advice,
}

/// A stretch of a known text.
#[derive(Clone, Debug)]
pub struct At {
    /// Of which text.
    pub text: Arc<Text>,
    /// Which stretch.
    pub span: Span,
}

impl At {
    /// Where it begins.
    pub fn place(&self) -> Place {
        self.text.place(self.span.start)
    }
}

/// One fault with its place and its cure.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    /// The rule it breaks.
    pub code: Code,
    /// How grave it is.
    pub severity: Severity,
    /// One sentence without a full stop.
    pub message: String,
    /// The file, also where no place in it can be shown.
    pub file: String,
    /// The words it is about.
    pub at: Option<At>,
    /// What stands under the underline.
    pub label: String,
    /// Other places in the same file that belong to it.
    pub also: Vec<(Span, String)>,
    /// Facts that help to understand it: the witness, the article.
    pub notes: Vec<String>,
    /// The cure.
    pub help: Option<String>,
}

impl Diagnostic {
    /// An error at a place.
    pub fn error(code: Code, at: &At, message: impl Into<String>) -> Self {
        let file = at.text.path().to_owned();
        Self::new(code, file, Some(at.clone()), message.into())
    }
    /// An error about a file as a whole.
    pub fn of_file(code: Code, file: &str, message: impl Into<String>) -> Self {
        Self::new(code, file.to_owned(), None, message.into())
    }
    fn new(code: Code, file: String, at: Option<At>, message: String) -> Self {
        Diagnostic {
            code,
            severity: Severity::Error,
            message,
            file,
            at,
            label: String::new(),
            also: vec![],
            notes: vec![],
            help: None,
        }
    }
    /// The same, less grave.
    #[must_use]
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }
    /// The same with words under the underline.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }
    /// The same with one more fact.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }
    /// The same with a cure.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
    /// The same with another place; a place in another file becomes a note.
    #[must_use]
    pub fn also(mut self, at: &At, label: impl Into<String>) -> Self {
        let same = self.at.as_ref().is_some_and(|own| Arc::ptr_eq(&own.text, &at.text));
        if same {
            self.also.push((at.span, label.into()));
        } else {
            let Place { line, column } = at.place();
            self.notes.push(format!("{} ({}:{line}:{column})", label.into(), at.text.path()));
        }
        self
    }
}

/// Whether any of them keeps the text from going live.
pub fn has_errors(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|d| d.severity == Severity::Error)
}

/// By file, place and code, so that the same text always yields the same list.
pub fn sort(diagnostics: &mut [Diagnostic]) {
    diagnostics.sort_by(|a, b| {
        let key = |d: &Diagnostic| (d.file.clone(), d.at.as_ref().map(|at| at.span), d.code, d.message.clone());
        key(a).cmp(&key(b))
    });
}
