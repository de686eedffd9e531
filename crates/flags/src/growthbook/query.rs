//! A variation asked for in an address: `?my-experiment=1`.

/// GrowthBook's `getQueryStringOverride`: the variation that the query of `url` names for
/// an experiment, if there are so many. Keys and values are compared as written, without
/// percent-decoding; only the first pair of that key counts.
#[must_use]
pub fn query_override(experiment: &str, url: &str, variations: usize) -> Option<usize> {
    if url.is_empty() {
        return None;
    }
    let query = url.split('?').nth(1)?.split('#').next()?;
    let pair = |pair: &'_ str| -> Option<Option<usize>> {
        let mut parts = pair.split('=');
        (parts.next() == Some(experiment)).then(|| parts.next().and_then(leading_number))
    };
    let number = query.split('&').find_map(pair)??;
    (number < variations).then_some(number)
}

/// JavaScript's `parseInt` for decimal numbers that are not negative.
fn leading_number(text: &str) -> Option<usize> {
    let text = text.trim_start();
    let text = text.strip_prefix('+').unwrap_or(text);
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    text.get(..end)?.parse().ok()
}
