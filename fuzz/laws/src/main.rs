//! Replays inputs, such as the artifact of a crash: `cargo run -p laws -- LAW FILE...`

use std::path::PathBuf;
use std::process::ExitCode;

use laws::{LAWS, replay};

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let name = arguments.next().unwrap_or_default();
    let files: Vec<PathBuf> = arguments.map(PathBuf::from).collect();
    let Some((_, law)) = LAWS.iter().find(|(known, _)| name == *known) else {
        let known: Vec<_> = LAWS.iter().map(|(name, _)| *name).collect();
        eprintln!("name a law, then files or folders; the laws are {}", known.join(", "));
        return ExitCode::from(2);
    };
    match replay::replay(*law, &files) {
        Ok(count) => {
            println!("{count} inputs keep the law");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
