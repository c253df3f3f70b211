use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use crate::definition::definition;
use crate::failure::Failure;
use crate::output::Output;
use crate::output::answer::Answer;

/// Write a man page for each command into a folder
#[derive(Args, Debug)]
pub(crate) struct Man {
    /// Folder of the pages, such as man1
    folder: PathBuf,
}

#[derive(Serialize)]
struct Written {
    outcome: &'static str,
}

impl Man {
    pub(crate) fn run(&self, output: &mut Output) -> Result<Answer, Failure> {
        clap_mangen::generate_to(definition(), &self.folder)
            .map_err(|error| Failure::file("folder", &self.folder, &error))?;
        if output.is_json() {
            output.object(&Written { outcome: "written" })?;
        }
        Ok(Answer::Yes)
    }
}
