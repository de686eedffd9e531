//! Proposes an id while a name is typed.

use leptos::prelude::*;

/// A name as an id: lower case, runs of anything else become one `-`, begins
/// with a letter, at most 64. Empty when the name has no Latin letters.
#[must_use]
pub fn slugify(name: &str) -> String {
    let mut slug = String::new();
    for c in name.chars() {
        let c = c.to_ascii_lowercase();
        if c.is_ascii_lowercase() || (c.is_ascii_digit() && !slug.is_empty()) {
            slug.push(c);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
        if slug.len() >= 64 {
            break;
        }
    }
    slug.trim_end_matches('-').to_owned()
}

/// Keeps the input with id `slug` in step with the input with id `name` until
/// somebody types an id of their own.
#[island]
pub fn SlugFromName(name: String, slug: String) -> impl IntoView {
    Effect::new(move |_| {
        #[cfg(feature = "hydrate")]
        follow(&name, &slug);
        #[cfg(not(feature = "hydrate"))]
        let _ = (&name, &slug);
    });
}

#[cfg(feature = "hydrate")]
fn follow(name: &str, slug: &str) {
    use super::dom::{input_by_id, on};
    let (Some(name), Some(slug)) = (input_by_id(name), input_by_id(slug)) else {
        return;
    };
    let mut proposed = slugify(&name.value());
    on(&name.clone(), "input", move |_| {
        let next = slugify(&name.value());
        if slug.value().is_empty() || slug.value() == proposed {
            slug.set_value(&next);
        }
        proposed = next;
    });
}

#[cfg(test)]
mod tests {
    use super::slugify;

    #[test]
    fn names_become_ids() {
        assert_eq!(slugify("Shorter checkout (v2)!"), "shorter-checkout-v2");
        assert_eq!(slugify("  3rd try "), "rd-try");
        assert_eq!(slugify("料金ページ"), "");
        assert_eq!(slugify("料金 CTA"), "cta");
        assert!(slugify(&"abc ".repeat(40)).len() <= 64);
    }
}
