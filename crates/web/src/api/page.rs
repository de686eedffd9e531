//! The description as a page to read, made once from the document itself.

use axum::Extension;
use axum::response::Html;
use serde_json::Value;
use utoipa::openapi::OpenApi;

use crate::Nonce;

const STYLE: &str = "
:root{color-scheme:light dark;background:Canvas;color:CanvasText;font:16px/1.55 system-ui,sans-serif}
body{max-width:60rem;margin:0 auto;padding:2rem 1.25rem}
code,pre{font:0.875em ui-monospace,monospace}
pre{overflow:auto;padding:.75rem 1rem;border:1px solid;border-radius:.5rem}
section{border-top:1px solid;margin-top:2rem;padding-top:.5rem}
h3 code{font-size:1rem}
";

/// Everything but the nonce, which comes with each response.
pub(super) fn render(description: &OpenApi) -> String {
    let document = serde_json::to_value(description).unwrap_or_default();
    let mut page = String::from("<p><a href=\"/\">Nexus Admin</a></p><h1>API</h1><p>");
    push(
        &mut page,
        document
            .pointer("/info/description")
            .and_then(Value::as_str)
            .unwrap_or(""),
    );
    page.push_str(
        "</p><p>OpenAPI 3.1: <a href=\"/api/v1/openapi.json\">/api/v1/openapi.json</a></p>",
    );
    let paths = document.get("paths").and_then(Value::as_object);
    for (path, methods) in paths.into_iter().flatten() {
        for (method, operation) in methods.as_object().into_iter().flatten() {
            operation_into(&mut page, path, method, operation);
        }
    }
    page.push_str("<section><h2>Shapes</h2>");
    let schemas = document
        .pointer("/components/schemas")
        .and_then(Value::as_object);
    for (name, schema) in schemas.into_iter().flatten() {
        page.push_str("<h3 id=\"");
        push(&mut page, name);
        page.push_str("\"><code>");
        push(&mut page, name);
        page.push_str("</code></h3><pre tabindex=\"0\">");
        push(
            &mut page,
            &serde_json::to_string_pretty(schema).unwrap_or_default(),
        );
        page.push_str("</pre>");
    }
    page.push_str("</section>");
    page
}

fn operation_into(page: &mut String, path: &str, method: &str, operation: &Value) {
    page.push_str("<section><h2><code>");
    push(page, &method.to_uppercase());
    page.push(' ');
    push(page, path);
    page.push_str("</code></h2><p>");
    for part in ["summary", "description"] {
        push(
            page,
            operation.get(part).and_then(Value::as_str).unwrap_or(""),
        );
        page.push(' ');
    }
    page.push_str("</p><ul>");
    for parameter in operation
        .get("parameters")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        page.push_str("<li><code>");
        push(
            page,
            parameter.get("name").and_then(Value::as_str).unwrap_or(""),
        );
        page.push_str("</code> ");
        push(
            page,
            parameter
                .get("description")
                .and_then(Value::as_str)
                .unwrap_or(""),
        );
        page.push_str("</li>");
    }
    for (kind, schema) in contents(operation.get("requestBody")) {
        item(page, "Body", kind, schema);
    }
    for (status, answer) in operation
        .get("responses")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        let label = if status == "default" { "Error" } else { status };
        let mut shapes = contents(Some(answer)).peekable();
        if shapes.peek().is_none() {
            item(page, label, "no body", &Value::Null);
        }
        for (kind, schema) in shapes {
            item(page, label, kind, schema);
        }
    }
    page.push_str("</ul></section>");
}

/// Media types with their schemas.
fn contents(of: Option<&Value>) -> impl Iterator<Item = (&str, &Value)> {
    let contents = of.and_then(|o| o.get("content")?.as_object());
    contents
        .into_iter()
        .flatten()
        .map(|(kind, content)| (kind.as_str(), content.get("schema").unwrap_or(&Value::Null)))
}

fn item(page: &mut String, label: &str, kind: &str, schema: &Value) {
    page.push_str("<li>");
    push(page, label);
    page.push_str(": ");
    let (before, shape) = match schema.get("items") {
        Some(items) => ("array of ", items),
        None => ("", schema),
    };
    let reference = shape.get("$ref").and_then(Value::as_str);
    if let Some(name) = reference.and_then(|r| r.rsplit('/').next()) {
        page.push_str(before);
        page.push_str("<a href=\"#");
        push(page, name);
        page.push_str("\"><code>");
        push(page, name);
        page.push_str("</code></a>, ");
    }
    push(page, kind);
    page.push_str("</li>");
}

fn push(page: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '<' => page.push_str("&lt;"),
            '>' => page.push_str("&gt;"),
            '&' => page.push_str("&amp;"),
            '"' => page.push_str("&quot;"),
            other => page.push(other),
        }
    }
}

pub(super) async fn respond(nonce: Option<Extension<Nonce>>, page: String) -> Html<String> {
    let nonce = nonce.map(|n| n.0.0).unwrap_or_default();
    Html(format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Nexus Admin API</title>\
         <meta name=\"viewport\" content=\"width=device-width\"><link rel=\"icon\" href=\"data:,\"><style nonce=\"{nonce}\">{STYLE}</style>\
         </head><body><main>{page}</main></body></html>"
    ))
}
