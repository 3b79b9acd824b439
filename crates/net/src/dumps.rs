//! No picture of our memory on anybody's disk: a PIN may be in it for as long as it is being judged.
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Core dumps are off from here on, for this process and those it starts; it cannot be undone. An error is the kernel's.
pub fn no_core_dumps() -> std::io::Result<()> {
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
    Ok(())
}

/// Whether they are off.
pub fn core_dumps_are_off() -> bool {
    let limit = getrlimit(Resource::Core);
    limit.current == Some(0) && limit.maximum == Some(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_off_for_good() {
        no_core_dumps().expect("a limit may always be lowered");
        assert!(core_dumps_are_off());
    }
}
