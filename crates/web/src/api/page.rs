//! The description as a page to read, made from the document itself. What the operations say of
//! themselves is English; the words around it are the reader's, which the app knows.

use std::collections::BTreeMap;

use maud::{Markup, PreEscaped, html};
use serde_json::{Map, Value};

/// Colours are the system's, mixed: the page has no style sheet of the console's.
const STYLE: &str = "
:root{color-scheme:light dark;--line:color-mix(in srgb,CanvasText 16%,Canvas);--soft:color-mix(in srgb,CanvasText 5%,Canvas);--quiet:color-mix(in srgb,CanvasText 70%,Canvas);--link:light-dark(#0b6b7a,#5fd0de);scroll-behavior:smooth}
@media (prefers-reduced-motion:reduce){:root{scroll-behavior:auto}}
*{box-sizing:border-box}
body{margin:0;background:Canvas;color:CanvasText;font:16px/1.55 system-ui,sans-serif;display:grid;grid-template-columns:17rem minmax(0,1fr)}
a{color:var(--link)}
code,pre{font:.875em/1.5 ui-monospace,SFMono-Regular,Menlo,monospace;overflow-wrap:anywhere}
nav{position:sticky;top:0;height:100vh;overflow:auto;padding:1.5rem 1rem;border-right:1px solid var(--line);background:var(--soft);font-size:.875rem}
nav h2{font-size:.75rem;margin:1.25rem 0 .25rem .5rem;color:var(--quiet)}
nav ul{list-style:none;margin:0;padding:0}
nav li a{display:flex;gap:.5rem;align-items:baseline;padding:.25rem .5rem;border-radius:.375rem;color:inherit;text-decoration:none}
nav li a:hover{background:var(--line)}
nav .method{flex:none;width:3.25rem;text-align:left;border:0;padding:0;background:none}
main{padding:2rem clamp(1rem,4vw,3rem);max-width:64rem}
h1{margin:.25rem 0;font-size:1.75rem}
h2{font-size:1.25rem;margin:2.5rem 0 .5rem}
h3{font-size:1rem;margin:0}
.lead,.quiet{color:var(--quiet)}
article{border:1px solid var(--line);border-radius:.75rem;padding:1rem 1.25rem;margin:.75rem 0;scroll-margin-top:1rem}
article>p{margin:.5rem 0 0}
.method{display:inline-block;font:600 .75rem/1.5 ui-monospace,monospace;padding:.0625rem .5rem;border:1px solid currentColor;border-radius:.375rem;margin-right:.5rem}
.get{color:light-dark(#0b6b7a,#5fd0de)}.post{color:light-dark(#1c6b34,#7ddc96)}.put{color:light-dark(#8a4b00,#f0b464)}.delete{color:light-dark(#a8201a,#ff9d94)}
table{width:100%;border-collapse:collapse;margin-top:.75rem;font-size:.875rem}
caption{text-align:left;font-weight:600;padding-bottom:.25rem}
th,td{text-align:left;vertical-align:top;padding:.375rem .75rem .375rem 0;border-top:1px solid var(--line)}
th{font-weight:600;width:14rem}
pre{overflow:auto;margin:.5rem 0 0;padding:.75rem 1rem;background:var(--soft);border-radius:.5rem;max-height:24rem}
main nav{position:static;height:auto;display:none;margin:1.5rem 0;padding:.75rem 1rem;border:1px solid var(--line);border-radius:.75rem}
summary{font-weight:600;cursor:pointer}
.home{display:none}
@media (max-width:48rem){body{display:block}body>nav{display:none}main nav,.home{display:block}th{width:auto}}
";

/// The page's own words.
#[derive(Clone, Copy, Debug)]
pub struct Words {
    /// BCP 47 tag of their language.
    pub lang: &'static str,
    pub title: &'static str,
    pub contents: &'static str,
    pub shapes: &'static str,
    /// Before the base path, which a full stop follows.
    pub base_path: &'static str,
    pub for_programs: &'static str,
    pub parameters: &'static str,
    pub required: &'static str,
    pub answers: &'static str,
    pub body: &'static str,
    pub error: &'static str,
    pub no_body: &'static str,
    /// Before the name of what the array holds.
    pub array_of: &'static str,
    /// Where a parameter stands: `path`, `query`, `header`.
    pub place: fn(&str) -> Option<&'static str>,
    /// The name of a group of operations, by its tag.
    pub group: fn(&str) -> Option<&'static str>,
}

impl Words {
    fn place<'t>(&self, name: &'t str) -> &'t str {
        (self.place)(name).unwrap_or(name)
    }

    fn group<'t>(&self, tag: &'t str) -> &'t str {
        (self.group)(tag).unwrap_or(tag)
    }
}

/// An operation with where it is.
struct Operation<'d> {
    method: &'d str,
    path: &'d str,
    body: &'d Value,
}

impl Operation<'_> {
    fn anchor(&self) -> String {
        let path = self.path.trim_start_matches("/api/v1/");
        format!("{}-{}", self.method, path.replace(['/', '{', '}'], "-"))
    }

    fn text(&self, field: &str) -> &str {
        text(self.body, field)
    }
}

/// Everything but the nonce, which comes with each response.
#[must_use]
pub fn readable(words: &Words) -> String {
    let document = super::description();
    let groups = groups(&document);
    let schemas = object(document.pointer("/components/schemas"));
    let page = html! {
        nav aria-label=(words.contents) {
            a href="/" { "Nexus Admin" }
            (contents_list(words, &groups, &schemas))
        }
        main {
            a.home href="/" { "Nexus Admin" }
            h1 { (words.title) }
            p.lead lang="en" { (prose(document.pointer("/info/description").and_then(Value::as_str).unwrap_or(""))) }
            p { (words.base_path) " " code { "/api/v1" } " · " (words.for_programs) " "
                a href="/api/v1/openapi.json" { "OpenAPI 3.1" } }
            // On narrow screens in place of the list beside the page: closed, below what it is of.
            nav aria-label=(words.contents) {
                details { summary { (words.contents) } (contents_list(words, &groups, &schemas)) }
            }
            pre tabindex="0" { "curl -H \"Authorization: Bearer $NEXUS_TOKEN\" https://…/api/v1/experiments" }
            @for (tag, operations) in &groups {
                section {
                    h2 { (words.group(tag)) }
                    @for operation in operations { (article(words, operation)) }
                }
            }
            section {
                h2 { (words.shapes) }
                @for (name, schema) in &schemas {
                    article id=(name) {
                        h3 { code { (name) } }
                        @let description = text(schema, "description");
                        @if !description.is_empty() { p.quiet lang="en" { (prose(description)) } }
                        pre tabindex="0" lang="en" { (serde_json::to_string_pretty(schema).unwrap_or_default()) }
                    }
                }
            }
        }
    };
    page.into_string()
}

fn contents_list(
    words: &Words,
    groups: &BTreeMap<&str, Vec<Operation<'_>>>,
    schemas: &[(&String, &Value)],
) -> Markup {
    html! {
        @for (tag, operations) in groups {
            h2 { (words.group(tag)) }
            ul {
                @for operation in operations {
                    li { a href={ "#" (operation.anchor()) } {
                        (method(operation.method))
                        code { (operation.path.trim_start_matches("/api/v1")) }
                    } }
                }
            }
        }
        h2 { (words.shapes) }
        ul { @for (name, _) in schemas { li { a href={ "#" (name) } { code { (name) } } } } }
    }
}

/// Operations by their tag, in the document's order.
fn groups(document: &Value) -> BTreeMap<&str, Vec<Operation<'_>>> {
    let mut groups: BTreeMap<&str, Vec<Operation<'_>>> = BTreeMap::new();
    for (path, methods) in object(document.get("paths")) {
        for (method, body) in object(Some(methods)) {
            let tag = body.pointer("/tags/0").and_then(Value::as_str);
            groups
                .entry(tag.unwrap_or("other"))
                .or_default()
                .push(Operation { method, path, body });
        }
    }
    groups
}

fn article(words: &Words, operation: &Operation<'_>) -> Markup {
    let parameters = operation.body.get("parameters").and_then(Value::as_array);
    let request = contents(operation.body.get("requestBody"));
    html! {
        article id=(operation.anchor()) {
            h3 { (method(operation.method)) code { (operation.path) } }
            p lang="en" { (prose(operation.text("summary"))) " " (prose(operation.text("description"))) }
            @if let Some(parameters) = parameters.filter(|p| !p.is_empty()) {
                table {
                    caption { (words.parameters) }
                    tbody { @for parameter in parameters {
                        tr {
                            th scope="row" { code { (text(parameter, "name")) } }
                            td { (words.place(text(parameter, "in")))
                                @if parameter.get("required") == Some(&Value::Bool(true)) { (words.required) } }
                            td lang="en" { (prose(text(parameter, "description"))) }
                        }
                    } }
                }
            }
            table {
                caption { (words.answers) }
                tbody {
                    @for (kind, schema) in request { (row(words, words.body, kind, schema)) }
                    @for (status, answer) in object(operation.body.get("responses")) {
                        @let label = if status == "default" { words.error } else { status.as_str() };
                        @let shapes: Vec<_> = contents(Some(answer)).collect();
                        @if shapes.is_empty() { (row(words, label, words.no_body, &Value::Null)) }
                        @for (kind, schema) in shapes { (row(words, label, kind, schema)) }
                    }
                }
            }
        }
    }
}

/// A text in which what stands between backticks is code.
fn prose(text: &str) -> Markup {
    let parts: Vec<&str> = text.split('`').collect();
    // One that is left open is none.
    let is_code = |i: usize| i % 2 == 1 && i + 1 < parts.len();
    html! {
        @for (i, part) in parts.iter().enumerate() {
            @if is_code(i) { code { (part) } } @else { @if i % 2 == 1 { "`" } (part) }
        }
    }
}

fn method(name: &str) -> Markup {
    html! { span class={ "method " (name) } { (name.to_uppercase()) } }
}

fn row(words: &Words, label: &str, kind: &str, schema: &Value) -> Markup {
    let (before, shape) = match schema.get("items") {
        Some(items) => (words.array_of, items),
        None => ("", schema),
    };
    let reference = shape.get("$ref").and_then(Value::as_str);
    let name = reference.and_then(|r| r.rsplit('/').next());
    html! {
        tr {
            th scope="row" { (label) }
            td { (before) @if let Some(name) = name { a href={ "#" (name) } { code { (name) } } } }
            td.quiet { (kind) }
        }
    }
}

/// Media types with their schemas.
fn contents(of: Option<&Value>) -> impl Iterator<Item = (&str, &Value)> {
    object(of.and_then(|of| of.get("content")))
        .into_iter()
        .map(|(kind, content)| (kind.as_str(), content.get("schema").unwrap_or(&Value::Null)))
}

/// The members of an object; none of anything else.
fn object(value: Option<&Value>) -> Vec<(&String, &Value)> {
    let members = value.and_then(Value::as_object).map(Map::iter);
    members.into_iter().flatten().collect()
}

fn text<'v>(value: &'v Value, field: &str) -> &'v str {
    value.get(field).and_then(Value::as_str).unwrap_or("")
}

/// The document around what [`readable`] gives.
#[must_use]
pub fn document(words: &Words, nonce: &str, page: &str) -> String {
    let document = html! {
        (maud::DOCTYPE)
        html lang=(words.lang) {
            head {
                meta charset="utf-8";
                title { "Nexus Admin " (words.title) }
                meta name="viewport" content="width=device-width";
                link rel="icon" href="data:,";
                style nonce=(nonce) { (PreEscaped(STYLE)) }
            }
            body { (PreEscaped(page)) }
        }
    };
    document.into_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_between_backticks_is_code() {
        for (text, html) in [
            ("plain <b>", "plain &lt;b&gt;"),
            ("as `a` and `b`.", "as <code>a</code> and <code>b</code>."),
            ("`a`", "<code>a</code>"),
            ("left `open", "left `open"),
        ] {
            assert_eq!(prose(text).into_string(), html);
        }
    }
}
