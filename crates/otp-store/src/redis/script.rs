use ::redis::Cmd;

/// A script, known to the server by its hash once it has run there.
#[derive(Debug)]
pub(super) struct Script {
    source: &'static str,
    hash: String,
}

impl Script {
    fn new(source: &'static str) -> Self {
        Self { source, hash: ::redis::Script::new(source).get_hash().to_owned() }
    }

    /// The call by hash, which the server refuses if it does not know the script.
    pub(super) fn by_hash(&self, keys: &[String], arguments: impl Fn(&mut Cmd)) -> Cmd {
        command("EVALSHA", &self.hash, keys, arguments)
    }

    /// The call by text, after which the server knows it.
    pub(super) fn by_text(&self, keys: &[String], arguments: impl Fn(&mut Cmd)) -> Cmd {
        command("EVAL", self.source, keys, arguments)
    }
}

/// Arguments are written where they belong at once: a charge has some thirty.
fn command(verb: &str, script: &str, keys: &[String], arguments: impl Fn(&mut Cmd)) -> Cmd {
    let mut command = Cmd::with_capacity(40, 512);
    command.arg(verb).arg(script).arg(keys.len()).arg(keys);
    arguments(&mut command);
    command
}

/// Every script there is.
#[derive(Debug)]
pub(super) struct Scripts {
    pub(super) schema: Script,
    pub(super) insert: Script,
    pub(super) find: Script,
    pub(super) charge: Script,
    pub(super) advance: Script,
    pub(super) reseal: Script,
    pub(super) unlock: Script,
    pub(super) remove: Script,
}

impl Scripts {
    pub(super) fn new() -> Self {
        Self {
            schema: Script::new(include_str!("lua/schema.lua")),
            insert: Script::new(include_str!("lua/insert.lua")),
            find: Script::new(include_str!("lua/find.lua")),
            charge: Script::new(include_str!("lua/charge.lua")),
            advance: Script::new(include_str!("lua/advance.lua")),
            reseal: Script::new(include_str!("lua/reseal.lua")),
            unlock: Script::new(include_str!("lua/unlock.lua")),
            remove: Script::new(include_str!("lua/remove.lua")),
        }
    }
}
