use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use proc_macro2::{Group, TokenStream, TokenTree};
use syn::punctuated::Punctuated;
use syn::visit_mut::{self, VisitMut};
use syn::{
    Attribute, Block, Expr, Field, Fields, File, ImplItem, Item, ItemImpl, ItemMacro, Type,
    Visibility,
};

/// Attributes that others can tell.
const SHOWN: [&str; 10] = [
    "cfg",
    "cfg_attr",
    "default",
    "deprecated",
    "derive",
    "doc",
    "macro_export",
    "must_use",
    "non_exhaustive",
    "repr",
];

/// What a library shows to others, as Rust without bodies, values and private parts.
///
/// Modules that are private are shown too: what is `pub` in them is exported elsewhere, or the
/// compiler's `unreachable_pub` would speak up.
pub(super) fn of(library: &Path) -> Result<String> {
    let folder = library.parent().context("a library in no folder")?;
    print(read(library, folder)?)
}

/// A file with the files of its modules put into it; theirs are in `folder`.
fn read(path: &Path, folder: &Path) -> Result<File> {
    let problem = || format!("{}", path.display());
    let text = fs::read_to_string(path).with_context(problem)?;
    let mut file = syn::parse_file(&text).with_context(problem)?;
    file.items.retain(|item| !attributes(item).iter().any(is_test));
    for item in &mut file.items {
        if let Item::Mod(module) = item
            && module.content.is_none()
        {
            let name = module.ident.to_string();
            let inner = read(&folder.join(format!("{name}.rs")), &folder.join(&name))?;
            module.content = Some((syn::token::Brace::default(), inner.items));
            module.semi = None;
        }
    }
    Ok(file)
}

fn print(mut file: File) -> Result<String> {
    let mut names = Names::default();
    names.visit_file_mut(&mut file);
    let strip = Strip {
        names,
        nothing: syn::parse_str("{}")?,
        any: syn::parse_str("_")?,
        some: syn::parse_str("_")?,
    };
    strip.items(&mut file.items);
    file.items.iter_mut().for_each(|item| Bare.visit_item_mut(item));
    file.attrs.retain(|attribute| attribute.path().is_ident("no_std"));
    let lines = prettyplease::unparse(&file);
    let lines = lines.lines().map(|line| match line.strip_suffix(" {}") {
        Some(signature) => format!("{signature};\n"),
        None => format!("{line}\n"),
    });
    Ok(lines.collect())
}

/// The types of a library, and its macros that make something public.
#[derive(Default)]
struct Names {
    public: BTreeSet<String>,
    private: BTreeSet<String>,
    macros: BTreeSet<String>,
}

impl VisitMut for Names {
    fn visit_item_mut(&mut self, item: &mut Item) {
        let declared = match item {
            Item::Struct(item) => Some((&item.vis, &item.ident)),
            Item::Enum(item) => Some((&item.vis, &item.ident)),
            Item::Type(item) => Some((&item.vis, &item.ident)),
            Item::Macro(item) => {
                let made = item.ident.as_ref().filter(|_| makes_public(&item.mac.tokens));
                self.macros.extend(made.map(ToString::to_string));
                None
            }
            _ => None,
        };
        if let Some((visibility, name)) = declared {
            let names = if is_public(visibility) { &mut self.public } else { &mut self.private };
            names.insert(name.to_string());
        }
        visit_mut::visit_item_mut(self, item);
    }
}

/// Takes away what others cannot see.
struct Strip {
    names: Names,
    nothing: Block,
    any: Expr,
    some: Type,
}

impl Strip {
    fn items(&self, items: &mut Vec<Item>) {
        items.retain_mut(|item| self.item(item));
    }

    /// Whether anything of an item is left.
    fn item(&self, item: &mut Item) -> bool {
        match item {
            Item::Const(item) => {
                *item.expr = self.any.clone();
                is_public(&item.vis)
            }
            Item::Static(item) => {
                *item.expr = self.any.clone();
                is_public(&item.vis)
            }
            Item::Fn(item) => {
                *item.block = self.nothing.clone();
                is_public(&item.vis)
            }
            Item::Struct(item) => {
                self.fields(&mut item.fields);
                is_public(&item.vis)
            }
            Item::Impl(item) => self.implementation(item),
            Item::Mod(item) => {
                let Some((_, items)) = &mut item.content else { return false };
                self.items(items);
                !items.is_empty()
            }
            Item::Macro(item) => self.is_shown(item),
            Item::Enum(item) => is_public(&item.vis),
            Item::Trait(item) => is_public(&item.vis),
            Item::Type(item) => is_public(&item.vis),
            Item::Use(item) => is_public(&item.vis),
            Item::ExternCrate(item) => is_public(&item.vis),
            _ => true,
        }
    }

    /// Of private fields, that there are any.
    fn fields(&self, fields: &mut Fields) {
        let kept = match fields {
            Fields::Named(fields) => &mut fields.named,
            Fields::Unnamed(fields) => &mut fields.unnamed,
            Fields::Unit => return,
        };
        let all: Vec<Field> = std::mem::take(kept).into_iter().collect();
        let (shown, hidden): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|field| is_public(&field.vis));
        *kept = Punctuated::from_iter(shown.into_iter().chain(hidden.into_iter().take(1)));
        if let Some(field) = kept.last_mut().filter(|field| !is_public(&field.vis)) {
            field.ty = self.some.clone();
            field.ident = field.ident.take().map(|it| syn::Ident::new("private", it.span()));
            field.attrs.clear();
        }
    }

    fn implementation(&self, item: &mut ItemImpl) -> bool {
        if let Type::Path(path) = &*item.self_ty
            && let Some(last) = path.path.segments.last()
        {
            let name = last.ident.to_string();
            if self.names.private.contains(&name) && !self.names.public.contains(&name) {
                return false;
            }
        }
        let of_trait = item.trait_.is_some();
        item.items.retain_mut(|item| match item {
            ImplItem::Fn(item) => {
                item.block = self.nothing.clone();
                is_public(&item.vis)
            }
            ImplItem::Const(item) => {
                item.expr = self.any.clone();
                is_public(&item.vis) || of_trait
            }
            _ => true,
        });
        of_trait || !item.items.is_empty()
    }

    /// A macro that makes something public, and each use of it.
    fn is_shown(&self, item: &ItemMacro) -> bool {
        let used = item.mac.path.segments.last().map(|segment| segment.ident.to_string());
        let name = item.ident.as_ref().map(ToString::to_string).or(used);
        name.is_some_and(|name| self.names.macros.contains(&name))
    }
}

/// Takes away comments, and attributes that only the compiler minds.
struct Bare;

impl VisitMut for Bare {
    fn visit_attributes_mut(&mut self, attributes: &mut Vec<Attribute>) {
        attributes.retain(is_shown);
    }

    fn visit_macro_mut(&mut self, mac: &mut syn::Macro) {
        mac.tokens = without_comments(mac.tokens.clone());
    }
}

fn is_shown(attribute: &Attribute) -> bool {
    // Comments are `#[doc = "…"]`; what is `#[doc(hidden)]` is not for others.
    let comment =
        matches!(attribute.meta, syn::Meta::NameValue(_)) && attribute.path().is_ident("doc");
    !comment && SHOWN.iter().any(|shown| attribute.path().is_ident(shown))
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

fn is_test(attribute: &Attribute) -> bool {
    let syn::Meta::List(list) = &attribute.meta else { return false };
    list.path.is_ident("cfg") && list.tokens.to_string() == "test"
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Mod(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// Whether a macro's tokens hold `pub`, and not `pub(crate)`.
fn makes_public(tokens: &TokenStream) -> bool {
    let mut tokens = tokens.clone().into_iter().peekable();
    while let Some(token) = tokens.next() {
        let found = match &token {
            TokenTree::Group(group) => makes_public(&group.stream()),
            TokenTree::Ident(word) if word == "pub" => {
                let next = tokens.peek().map(ToString::to_string).unwrap_or_default();
                !next.starts_with('(')
            }
            _ => false,
        };
        if found {
            return true;
        }
    }
    false
}

/// Tokens without `#[doc = …]`.
fn without_comments(tokens: TokenStream) -> TokenStream {
    let mut kept: Vec<TokenTree> = Vec::new();
    for token in tokens {
        let TokenTree::Group(group) = token else {
            kept.push(token);
            continue;
        };
        let begins = group.stream().into_iter().next().map(|first| first.to_string());
        let hash = kept.last().is_some_and(|last| last.to_string() == "#");
        if hash && begins.as_deref() == Some("doc") {
            kept.pop();
            continue;
        }
        kept.push(TokenTree::Group(Group::new(
            group.delimiter(),
            without_comments(group.stream()),
        )));
    }
    kept.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::print;

    fn listing(code: &str) -> String {
        print(syn::parse_file(code).unwrap()).unwrap()
    }

    const CODE: &str = "
        /// Text.
        #[derive(Clone)]
        pub struct S { a: u8, pub b: u16 }
        struct T(u8);
        impl S {
            /// Text.
            #[inline]
            pub fn f(&self) -> u8 { self.g() }
            fn g(&self) -> u8 { 5 }
        }
        impl T { pub fn h(&self) {} }
        impl Drop for T { fn drop(&mut self) {} }
        impl From<S> for u8 { fn from(s: S) -> u8 { s.a } }
        pub const C: u8 = 5;
        macro_rules! made { ($t:ty) => { /** Text. */ pub fn m(x: $t) {} }; }
        macro_rules! kept { () => { pub(crate) fn k() {} }; }
        made!(u8);
        kept!();
    ";

    #[test]
    fn what_others_see_is_listed() {
        let listing = listing(CODE);
        for line in [
            "#[derive(Clone)]",
            "pub struct S {",
            "    pub b: u16,",
            "    private: _,",
            "    pub fn f(&self) -> u8;",
            "impl From<S> for u8;",
            "pub const C: u8 = _;",
            "made!(u8);",
        ] {
            assert!(listing.lines().any(|it| it == line), "no {line} in\n{listing}");
        }
        for hidden in ["Text", "inline", "fn g", "fn h", "Drop", "a: u8", "kept", "5"] {
            assert!(!listing.contains(hidden), "{hidden} in\n{listing}");
        }
    }

    #[test]
    fn a_change_of_what_others_see_shows_and_no_other() {
        let before = listing(CODE);
        for (old, new) in [
            ("fn f(&self) -> u8", "fn f(&self) -> u16"),
            ("pub b: u16", "b: u16"),
            ("#[derive(Clone)]", ""),
            ("pub const C: u8", "pub const C: u16"),
            ("impl From<S> for u8", "impl From<S> for u16"),
            ("pub fn m(x: $t)", "pub fn n(x: $t)"),
            ("fn g(&self)", "pub fn g(&self)"),
        ] {
            assert_ne!(listing(&CODE.replace(old, new)), before, "{new}");
        }
        for (old, new) in [
            ("self.g()", "6"),
            ("Text", "Words"),
            ("fn g(&self)", "fn gg(&self)"),
            ("= 5", "= 6"),
            ("a: u8, ", "a: u8, c: u8, "),
            ("fn k()", "fn kk()"),
        ] {
            assert_eq!(listing(&CODE.replace(old, new)), before, "{new}");
        }
    }
}
