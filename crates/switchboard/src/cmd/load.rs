//! A configuration from a folder, or the embedded one; faults are printed as they should be read.
use super::menu::watch;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use switchboard_config::Loaded;
use switchboard_engine::Config;
use switchboard_ivr::{Day, Disk, Entry, Menus};
use switchboard_media::{Sound, Sounds};
use switchboard_model::Instant;
use switchboard_source::Diagnostic;

/// Where the configuration is.
#[derive(clap::Args, Debug, Clone)]
pub struct Where {
    /// The folder with centre.yaml, queues.yaml, agents.yaml, trunks.yaml; the menus lie where centre.yaml says.
    #[arg(long, value_name = "DIR")]
    pub config: Option<PathBuf>,
}

/// Reads a configuration and all its faults.
pub fn read(dir: Option<&Path>) -> (Option<Loaded>, Vec<Diagnostic>) {
    match dir {
        None => switchboard_config::embedded::load(),
        Some(dir) => switchboard_config::load(&dir.to_string_lossy(), Some(today()), &mut Files),
    }
}

/// Reads a configuration as the desk in the data folder wants it now: with the approved version of the menus, and what was declared.
pub fn read_from_desk(dir: &Path, data: &Path, now: Instant) -> Result<(Option<Loaded>, Vec<Diagnostic>), String> {
    let (version, conditions) = watch::wanted(data, now)?;
    let folder = dir.to_string_lossy();
    let moved = version.and_then(|(_, to)| Some((switchboard_config::menus_folder(&folder, &mut Files)?, to)));
    let (loaded, faults) = match moved {
        Some((from, to)) => {
            let to = to.to_string_lossy().into_owned();
            switchboard_config::load(&folder, Some(today()), &mut Moved { from, to })
        }
        None => read(Some(dir)),
    };
    Ok((loaded.map(|l| l.under(conditions)), faults))
}

/// The menus that a configuration's own folder holds, if they are proved.
pub fn read_menus_at(dir: &Path) -> Option<Menus> {
    read(Some(dir)).0.map(|l| l.menus)
}

/// The files of this machine, one folder being looked for elsewhere.
struct Moved {
    from: String,
    to: String,
}

impl Moved {
    fn path(&self, path: &str) -> String {
        match path.strip_prefix(&self.from).filter(|rest| rest.is_empty() || rest.starts_with('/')) {
            Some(rest) => format!("{}{rest}", self.to),
            None => path.to_owned(),
        }
    }
}

impl Disk for Moved {
    fn read(&mut self, path: &str) -> std::io::Result<Vec<u8>> {
        Files.read(&self.path(path))
    }
    fn list(&mut self, folder: &str) -> std::io::Result<Vec<(String, Entry)>> {
        Files.list(&self.path(folder))
    }
}

/// The day here, by which waivers end.
pub fn today() -> Day {
    let date = jiff::Zoned::now().date();
    Day::read(&date.to_string()).expect("jiff writes days as ISO 8601 does")
}

/// The files of this machine.
pub struct Files;

impl Disk for Files {
    fn read(&mut self, path: &str) -> std::io::Result<Vec<u8>> {
        std::fs::read(path)
    }
    fn list(&mut self, folder: &str) -> std::io::Result<Vec<(String, Entry)>> {
        let mut names = vec![];
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let kind = if entry.file_type()?.is_dir() { Entry::Folder } else { Entry::File };
            names.push((entry.file_name().to_string_lossy().into_owned(), kind));
        }
        Ok(names)
    }
}

/// Reads a configuration; prints its faults, and says why there is none.
pub fn load(dir: Option<&Path>) -> Result<Loaded, String> {
    said(dir, read(dir))
}

/// The same, as the desk in the data folder wants it now.
pub fn load_from_desk(dir: &Path, data: &Path, now: Instant) -> Result<Loaded, String> {
    said(Some(dir), read_from_desk(dir, data, now)?)
}

fn said(dir: Option<&Path>, (loaded, diagnostics): (Option<Loaded>, Vec<Diagnostic>)) -> Result<Loaded, String> {
    eprint!("{}", switchboard_source::render(&diagnostics));
    loaded.ok_or_else(|| {
        let place = dir.map_or("the embedded configuration".to_owned(), |d| d.display().to_string());
        format!("{place} has {} faults and does not go live", diagnostics.len())
    })
}

/// The engine's side of a configuration, and its sounds.
pub fn engine(loaded: &Loaded) -> Result<(Arc<Config>, Arc<Sounds>), String> {
    let config = loaded.engine().map_err(|e| e.to_string())?;
    let mut sounds = Sounds::new();
    for prompt in loaded.menus.all_prompts() {
        let sound = Sound::from_wav(&prompt.sound).map_err(|e| format!("{}: {e}", prompt.file))?;
        sounds.insert(prompt.id, Arc::new(sound));
    }
    Ok((Arc::new(config), Arc::new(sounds)))
}
