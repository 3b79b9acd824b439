//! `ivr check`: a file or a folder in, findings and proof out, as text, JSON and SARIF.
