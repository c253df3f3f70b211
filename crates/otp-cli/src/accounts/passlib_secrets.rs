use std::path::Path;

use otp_context::wallet::ApplicationSecrets;
use serde_json::error::Category;

use crate::accounts::wallet_file::{broken, refused, tell_unfinished};
use crate::failure::Failure;

/// Reads application secrets from a file in either form of passlib: lines, or a JSON object.
pub(crate) fn read(path: &Path) -> Result<ApplicationSecrets, Failure> {
    let secrets = ApplicationSecrets::from_file_with(path, |text| {
        if text.trim_start().starts_with('{') {
            of_json(text)
        } else {
            ApplicationSecrets::parse(text).map_err(|error| refused(&error))
        }
    })?;
    tell_unfinished(&secrets);
    Ok(secrets)
}

/// Reads `{"tag":"secret"}`. Messages of the JSON parser are dropped, since they may repeat a secret.
/// Those of otp-serde repeat nothing.
fn of_json(text: &str) -> Result<ApplicationSecrets, Failure> {
    let mut json = serde_json::Deserializer::from_str(text);
    let secrets = otp_serde::secrets::deserialize(&mut json);
    secrets.and_then(|secrets| json.end().map(|()| secrets)).map_err(|error| {
        if error.classify() != Category::Data {
            return broken("is not valid JSON");
        }
        broken(&format!("is not valid: {error}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> Result<Vec<String>, String> {
        let tags =
            |secrets: ApplicationSecrets| secrets.iter().map(|(tag, _)| tag.to_string()).collect();
        of_json(text).map(tags).map_err(|failure| failure.to_string())
    }

    #[test]
    fn json_is_read_or_rejected_without_repeating_it() {
        let tags = |tags: &[&str]| Ok(tags.iter().map(|&tag| tag.to_owned()).collect());
        assert_eq!(check(r#" {"1":"abcdef", "2":"ghi"} "#), tags(&["1", "2"]));
        assert_eq!(check("{}"), tags(&[]));
        for text in [
            "{",
            r#"{"1":"abcdef"}x"#,
            r#"{"1":"abcdef""#,
            r#"{"1":5}"#,
            r#"{"1":["abcdef"]}"#,
            r#"{"1":""}"#,
            r#"{"ab cdef":"x"}"#,
            r#"{"1":"abcdef","1":"x"}"#,
        ] {
            let message = check(text).unwrap_err();
            assert!(message.starts_with("wallet is not "), "{message}");
            assert!(!message.contains("abcdef"), "{message}");
        }
    }
}
