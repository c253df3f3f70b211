use ::redis::Cmd;

/// A script. The server knows it by its hash once it has run there.
#[derive(Debug)]
pub(super) struct Script {
    source: &'static str,
    hash: String,
}

impl Script {
    pub(super) fn new(source: &'static str) -> Self {
        Self { source, hash: ::redis::Script::new(source).get_hash().to_owned() }
    }

    /// Returns the call by hash, which the server refuses if it does not know the script.
    pub(super) fn by_hash(&self, keys: &[String], arguments: impl Fn(&mut Cmd)) -> Cmd {
        command("EVALSHA", &self.hash, keys, arguments)
    }

    /// Returns the call by text, which teaches the server the script.
    pub(super) fn by_text(&self, keys: &[String], arguments: impl Fn(&mut Cmd)) -> Cmd {
        command("EVAL", self.source, keys, arguments)
    }
}

/// Writes the arguments into the command without a copy.
fn command(verb: &str, script: &str, keys: &[String], arguments: impl Fn(&mut Cmd)) -> Cmd {
    let mut command = Cmd::with_capacity(16, 512);
    command.arg(verb).arg(script).arg(keys.len()).arg(keys);
    arguments(&mut command);
    command
}

/// All scripts of a store.
#[derive(Debug)]
pub(super) struct Scripts {
    pub(super) insert: Script,
    pub(super) find: Script,
    pub(super) credentials: Script,
    pub(super) charge: Script,
    pub(super) charge_account: Script,
    pub(super) spend: Script,
    pub(super) confirm: Script,
    pub(super) take_back: Script,
    pub(super) reset_drift: Script,
    pub(super) reseal: Script,
    pub(super) unlock: Script,
    pub(super) remove: Script,
    pub(super) list: Script,
    pub(super) look: Script,
    pub(super) revoke_trust: Script,
    pub(super) store_recovery: Script,
    pub(super) recovery: Script,
    pub(super) charge_recovery: Script,
    pub(super) spend_recovery: Script,
    pub(super) reseal_recovery: Script,
    pub(super) remove_recovery: Script,
    pub(super) look_recovery: Script,
    pub(super) copy: Script,
    pub(super) restore: Script,
}

/// Joins a script to the parts that it needs.
macro_rules! script {
    ($($name:literal),+) => {
        $crate::redis::script::Script::new(concat!($(include_str!(concat!("lua/", $name, ".lua"))),+))
    };
}
pub(super) use script;

impl Scripts {
    pub(super) fn new() -> Self {
        Self {
            insert: script!("begin", "pair", "names", "whole", "clear", "insert"),
            find: script!("begin", "pair", "find"),
            credentials: script!("begin", "all", "credentials"),
            charge: script!("begin", "number", "charge", "count", "permitted"),
            charge_account: script!(
                "begin",
                "all",
                "number",
                "charge_account",
                "count",
                "all_permitted"
            ),
            spend: script!("begin", "unspent", "spend"),
            confirm: script!("begin", "number", "charged", "unspent", "confirm"),
            take_back: script!("begin", "number", "charged", "take_back"),
            reset_drift: script!("begin", "pair", "reset_drift"),
            reseal: script!("begin", "pair", "reseal"),
            unlock: script!("begin", "all", "clear", "unlock"),
            remove: script!("begin", "pair", "names", "remove"),
            list: script!("begin", "list"),
            look: script!("begin", "pair", "look"),
            revoke_trust: script!("begin", "all", "number", "revoke_trust"),
            store_recovery: script!("begin", "set", "names", "whole", "clear", "store_recovery"),
            recovery: script!("begin", "set", "codes", "recovery"),
            charge_recovery: script!(
                "begin",
                "set",
                "codes",
                "number",
                "charge_recovery",
                "count",
                "recovery_permitted"
            ),
            spend_recovery: script!("begin", "set", "codes", "clear", "spend_recovery"),
            reseal_recovery: script!("begin", "set", "codes", "reseal_recovery"),
            remove_recovery: script!("begin", "set", "names", "whole", "remove_recovery"),
            look_recovery: script!("begin", "set", "codes", "look_recovery"),
            copy: script!("begin", "all", "copy"),
            restore: script!("begin", "restore"),
        }
    }
}
