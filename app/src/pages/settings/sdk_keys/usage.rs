//! How an application uses a key: code to copy. Paths and header are those of the gateway.

use leptos::prelude::*;
use nexus_domain::sdk_key::{SdkKey, SdkKeyKind};

use crate::cx::Cx;
use crate::text::sdk_keys::UseWord as W;
use crate::ui::{copy, panel};

/// Stands for the gateway's address, which the console does not know.
const GATEWAY: &str = "https://gateway.example.com";
/// Where services keep a server key.
const VARIABLE: &str = "NEXUS_SDK_KEY";
/// Stands for the decryption key where it is not shown.
const HIDDEN: &str = "DECRYPTION_KEY";

/// `encrypted` also where the decryption key is not shown.
pub(super) fn view_usage(cx: &Cx, key: &SdkKey, encrypted: bool) -> AnyView {
    let snippets = [
        (W::GrowthBook, growthbook(key, encrypted)),
        (W::OpenFeature, openfeature(key)),
        (W::Curl, curl(key)),
    ]
    .map(|(title, code)| {
        view! {
            <section class="snippet">
                <h3>{cx.t(title)} " " {copy(cx, code.clone())}</h3>
                <pre class="code" tabindex="0">
                    {code}
                </pre>
            </section>
        }
    })
    .collect_view();
    let variable = (key.kind == SdkKeyKind::Server)
        .then(|| view! { <p class="panel-line">{cx.f(W::ServerLead, &[VARIABLE])}</p> });
    let body = view! {
        <p class="panel-line">{cx.f(W::Lead, &[GATEWAY])}</p>
        {variable}
        {snippets}
    };
    panel("usage", cx.t(W::Title), ().into_any(), body.into_any())
}

/// The key as a JavaScript expression: of a server key nobody has the text here.
fn in_js(key: &SdkKey) -> String {
    match &key.key {
        Some(text) => format!("\"{text}\""),
        None => format!("process.env.{VARIABLE}"),
    }
}

fn growthbook(key: &SdkKey, encrypted: bool) -> String {
    let name = in_js(key);
    let decryption = match &key.encryption_key {
        Some(secret) => format!("  decryptionKey: \"{secret}\",\n"),
        None if encrypted => format!("  decryptionKey: {HIDDEN},\n"),
        None => String::new(),
    };
    match key.kind {
        SdkKeyKind::Client => format!(
            "import {{ GrowthBook }} from \"@growthbook/growthbook\";\n\n\
             const gb = new GrowthBook({{\n  apiHost: \"{GATEWAY}/__nexus\",\n  \
             clientKey: {name},\n{decryption}  attributes: {{ id: userId }},\n}});\n\
             await gb.init({{ timeout: 2000, streaming: true }});\n\
             gb.isOn(\"new-checkout\");\n"
        ),
        SdkKeyKind::Server => format!(
            "import {{ GrowthBookClient, setPolyfills }} from \"@growthbook/growthbook\";\n\
             import {{ EventSource }} from \"eventsource\";\n\n\
             setPolyfills({{ EventSource }});\n\
             const client = new GrowthBookClient({{\n  apiHost: \"{GATEWAY}/__nexus\",\n  \
             clientKey: {name},\n{decryption}}});\n\
             await client.init({{ timeout: 2000, streaming: true }});\n\
             client.isOn(\"new-checkout\", {{ attributes: {{ id: userId }} }});\n"
        ),
    }
}

fn openfeature(key: &SdkKey) -> String {
    let authorization = match &key.key {
        Some(text) => format!("\"Bearer {text}\""),
        None => format!("`Bearer ${{process.env.{VARIABLE}}}`"),
    };
    let options = format!(
        "  baseUrl: \"{GATEWAY}/__nexus\",\n  headers: [[\"Authorization\", {authorization}]],\n"
    );
    match key.kind {
        SdkKeyKind::Client => format!(
            "import {{ OpenFeature }} from \"@openfeature/web-sdk\";\n\
             import {{ OFREPWebProvider }} from \"@openfeature/ofrep-web-provider\";\n\n\
             await OpenFeature.setContext({{ targetingKey: userId }});\n\
             await OpenFeature.setProviderAndWait(new OFREPWebProvider({{\n{options}}}));\n\
             OpenFeature.getClient().getBooleanValue(\"new-checkout\", false);\n"
        ),
        SdkKeyKind::Server => format!(
            "import {{ OpenFeature }} from \"@openfeature/server-sdk\";\n\
             import {{ OFREPProvider }} from \"@openfeature/ofrep-provider\";\n\n\
             await OpenFeature.setProviderAndWait(new OFREPProvider({{\n{options}}}));\n\
             const client = OpenFeature.getClient();\n\
             await client.getBooleanValue(\"new-checkout\", false, {{ targetingKey: userId }});\n"
        ),
    }
}

fn curl(key: &SdkKey) -> String {
    let name = key.key.clone().unwrap_or_else(|| format!("${VARIABLE}"));
    format!(
        "curl {GATEWAY}/__nexus/ofrep/v1/evaluate/flags/new-checkout \\\n  \
         -H \"Authorization: Bearer {name}\" \\\n  -H \"Content-Type: application/json\" \\\n  \
         -d '{{\"context\": {{\"targetingKey\": \"ann\"}}}}'\n"
    )
}
