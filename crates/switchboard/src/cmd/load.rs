//! A configuration from a folder, or the embedded one; faults are printed as they should be read.
use std::path::{Path, PathBuf};
use std::sync::Arc;
use switchboard_config::Loaded;
use switchboard_engine::Config;
use switchboard_ivr::{Day, Disk, Entry};
use switchboard_media::{Sound, Sounds};
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
    let (loaded, diagnostics) = read(dir);
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
