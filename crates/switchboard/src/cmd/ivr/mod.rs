//! `switchboard ivr …`: what operations staff do with menus, one verb a file.
mod call;
mod check;
mod diff;
mod explain;
mod graph;
mod lsp;
mod menus;
mod prompts;
mod schema;
mod test;

use super::Done;

/// Menus.
#[derive(clap::Args, Debug)]
pub struct Ivr {
    #[command(subcommand)]
    verb: IvrVerb,
}

#[derive(clap::Subcommand, Debug)]
enum IvrVerb {
    /// Check and prove a menu file or a folder of them.
    Check(check::Check),
    /// The manual's page of a rule: what, why, a wrong and a right example; without a rule, the list of all.
    Explain(explain::Explain),
    /// Make a call on paper: what is heard at which second, where it ends.
    Call(call::Call),
    /// Draw the menus, as SVG or Mermaid.
    Graph(graph::Graph),
    /// Compare two versions of the menus, in callers' words.
    Diff(diff::Diff),
    /// Hold the menus to written scenarios.
    Test(test::Test),
    /// The JSON Schema of a kind of file, for editors.
    Schema(schema::Schema),
    /// Serve an editor: faults while one types, names to choose from, what a prompt says (Language Server Protocol).
    Lsp(lsp::Lsp),
    /// Have missing prompts spoken, and say which sounds are synthetic.
    Prompts(prompts::Prompts),
}

impl Ivr {
    /// As the verb says: 0 pass, 1 fail, 2 could not run.
    pub fn run(self) -> Done {
        match self.verb {
            IvrVerb::Check(verb) => verb.run(),
            IvrVerb::Explain(verb) => verb.run(),
            IvrVerb::Call(verb) => verb.run(),
            IvrVerb::Graph(verb) => verb.run(),
            IvrVerb::Diff(verb) => verb.run(),
            IvrVerb::Test(verb) => verb.run(),
            IvrVerb::Schema(verb) => verb.run(),
            IvrVerb::Lsp(verb) => verb.run(),
            IvrVerb::Prompts(verb) => verb.run(),
        }
    }
}
