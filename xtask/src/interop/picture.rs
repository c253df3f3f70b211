use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::command::Command;
use crate::otp::Otp;
use crate::workspace::Workspace;

const URI: &str = "otpauth://totp/ACME%20Co:alice@example.com\
    ?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&digits=8&issuer=ACME%20Co";

/// Has another project read the pictures that the command draws: of a URI, and of a new credential.
pub(super) fn run(workspace: &Workspace) -> Result<()> {
    Command::new("zbarimg")
        .arg("--version")
        .read()
        .context("this step needs zbarimg, of Debian's package zbar-tools")?;
    let otp = Otp::build(workspace)?;
    let folder = workspace.target.join("interop").join("pictures");
    // The command replaces no picture.
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let (drawn, new) = (folder.join("qr.png"), folder.join("new.png"));
    draw(&otp, "qr", &drawn, URI)?;
    let uri = draw(&otp, "new --issuer ACME --account bob@example.com", &new, "")?;
    let uri = uri.get("uri").and_then(Value::as_str).context("a new credential without a URI")?;
    shows(&drawn, URI)?;
    shows(&new, uri)?;
    // A check that cannot fail proves nothing.
    for (picture, other) in [(&drawn, uri), (&new, URI)] {
        ensure!(shows(picture, other).is_err(), "a picture of another URI is not noticed");
    }
    println!("2 pictures read by zbarimg, and neither taken for the other");
    Ok(())
}

/// What the command says that draws a picture.
fn draw(otp: &Otp, line: &str, picture: &Path, input: &str) -> Result<Value> {
    let output = otp.command().words(line).words("--json --png").arg(picture).ask(input)?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "`otp {line}` draws nothing: {said}");
    serde_json::from_slice(&output.stdout).with_context(|| format!("`otp {line}` says no JSON"))
}

/// Refuses a picture of anything else.
fn shows(picture: &Path, uri: &str) -> Result<()> {
    let output = Command::new("zbarimg").words("--quiet --raw").arg(picture).ask("")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "zbarimg reads nothing in {}: {said}", picture.display());
    let read = String::from_utf8(output.stdout)?;
    ensure!(read.trim_end_matches('\n') == uri, "{} is read as {read}", picture.display());
    Ok(())
}
