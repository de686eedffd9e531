//! Comments and places in code.

use nexus_control::views::{CodePlace, CodeUse, Comment};

use super::{DAY, HOUR, NOW_MS};

pub(crate) fn comments() -> Vec<Comment> {
    let said = |id: &str, by: &str, ago_ms: i64, text: &str| Comment {
        id: id.to_owned(),
        text: text.to_owned(),
        at_ms: NOW_MS - ago_ms,
        by: by.to_owned(),
    };
    vec![
        said(
            "2",
            "ren@autoforge.example",
            2 * HOUR,
            "Support has read the new texts.",
        ),
        said(
            "1",
            "mika@autoforge.example",
            3 * DAY,
            "Half of Japan next week, if nothing burns.",
        ),
    ]
}

pub(crate) fn code_uses() -> Vec<CodeUse> {
    let place = |path: &str, line: u32, snippet: &str| CodePlace {
        path: path.to_owned(),
        line,
        snippet: snippet.to_owned(),
        href: Some(format!("https://git.example/shop/web/{path}#L{line}")),
    };
    vec![CodeUse {
        repository: "shop/web".to_owned(),
        revision: "9f2c81d04c7e5b7a".to_owned(),
        at_ms: NOW_MS - 5 * HOUR,
        places: vec![
            place(
                "src/checkout/page.ts",
                41,
                "if (gb.isOn(\"new-checkout\")) {",
            ),
            place(
                "src/checkout/page.test.ts",
                12,
                "withFlag(\"new-checkout\", true);",
            ),
        ],
    }]
}
