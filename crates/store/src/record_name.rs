//! The record's own name, by which its copy is known again: a database may not be fed from two records.
use crate::StoreError;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

/// What the record in `dir` is called; it is given a name by chance when it is first asked for one.
pub fn record_name(dir: &Path) -> Result<String, StoreError> {
    let path = dir.join("record-name");
    match std::fs::read_to_string(&path) {
        Ok(name) if !name.trim().is_empty() => return Ok(name.trim().to_owned()),
        Err(e) if e.kind() != ErrorKind::NotFound => return Err(StoreError::io(&path)(e)),
        Ok(_) | Err(_) => {}
    }
    let (chance, mut bytes) = (Path::new("/dev/urandom"), [0; 16]);
    File::open(chance).and_then(|mut f| f.read_exact(&mut bytes)).map_err(StoreError::io(chance))?;
    let name: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
    let new = dir.join("record-name.new");
    std::fs::write(&new, format!("{name}\n")).map_err(StoreError::io(&new))?;
    std::fs::rename(&new, &path).map_err(StoreError::io(&path))?;
    Ok(name)
}
