//! The shop.

use serde_json::Value;

use super::Decision;
use crate::html::{document, escape};

const PRODUCTS: [(&str, u32); 6] = [
    ("Prompt linter", 12),
    ("Evaluation hour", 40),
    ("Template pack", 9),
    ("Latency budget", 25),
    ("Golden data set", 60),
    ("Night watch", 18),
];

const STYLE: &str = ".badge{float:right;border:1px solid;border-radius:1rem;padding:0 .75rem}\
    li{margin:.5rem 0}.buy{border:0;border-radius:.5rem;padding:.5rem 1rem;color:#fff}";

/// The list of products.
pub(super) fn home(origin: &str, decision: &Decision) -> String {
    let items: String = (1..)
        .zip(PRODUCTS)
        .map(|(id, (name, price))| {
            format!("<li><a href=\"/products/{id}\">{name}</a> € {price}</li>")
        })
        .collect();
    let body = format!(
        "{}<h1>{}</h1><ul>{items}</ul>{}",
        badge(origin, decision),
        escape(&text(decision, "headline").unwrap_or_else(|| "The prompt shop".to_owned())),
        why(decision)
    );
    document("The prompt shop", STYLE, &body)
}

/// One product, if there is such a one.
pub(super) fn product(origin: &str, id: u32, decision: &Decision) -> Option<String> {
    let index = usize::try_from(id).ok()?.checked_sub(1)?;
    let (name, price) = PRODUCTS.get(index)?;
    let label = text(decision, "button").unwrap_or_else(|| "Buy".to_owned());
    let colour = text(decision, "button_color")
        .filter(|colour| {
            colour
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || c == '#')
        })
        .unwrap_or_else(|| "#345".to_owned());
    let body = format!(
        "{}<h1>{name}</h1><p>€ {price}</p><button class=\"buy\" style=\"background:{colour}\">{}</button>{}\
         <p><a href=\"/\">All products</a></p>",
        badge(origin, decision),
        escape(&label),
        why(decision)
    );
    Some(document(name, STYLE, &body))
}

fn badge(origin: &str, decision: &Decision) -> String {
    let variants = decision.variants();
    let seen = if variants.is_empty() {
        "no experiment"
    } else {
        &variants
    };
    format!("<span class=\"badge\">{origin} · {}</span>", escape(seen))
}

fn why(decision: &Decision) -> String {
    if decision.reasons.is_empty() {
        return String::new();
    }
    format!(
        "<p><small>Why: {}</small></p>",
        escape(&decision.reasons.join(", "))
    )
}

fn text(decision: &Decision, feature: &str) -> Option<String> {
    match decision.features.get(feature)? {
        Value::String(text) => Some(text.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_change_the_page_and_cannot_break_it() {
        let mut decision = Decision::default();
        decision
            .features
            .insert("button".to_owned(), "<b>Now</b>".into());
        decision
            .features
            .insert("button_color".to_owned(), "red;x:y".into());
        let page = product("stable", 1, &decision).unwrap();
        assert!(page.contains("&lt;b&gt;Now&lt;/b&gt;") && !page.contains("red;"));
        assert!(product("stable", 0, &decision).is_none());
        assert!(product("stable", 7, &decision).is_none());
    }
}
