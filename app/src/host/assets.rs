//! Names of built files: logical name to URL path with its content hash.

use std::collections::BTreeMap;
use std::path::Path;

/// The site's `manifest.json`.
#[derive(Clone, Debug, Default)]
pub struct AssetManifest(BTreeMap<String, String>);

impl AssetManifest {
    /// # Errors
    /// When the text is not a JSON object of texts.
    pub fn from_json(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text).map(Self)
    }

    /// Reads `manifest.json` in the built site's folder.
    ///
    /// # Errors
    /// When the file can't be read or is no manifest.
    pub fn read(site: &Path) -> std::io::Result<Self> {
        let text = std::fs::read_to_string(site.join("manifest.json"))?;
        Self::from_json(&text).map_err(std::io::Error::other)
    }

    /// URL path of a file. One that the manifest does not name is looked for
    /// under its own name, so that a page renders without a built site.
    #[must_use]
    pub fn url(&self, name: &str) -> String {
        self.0
            .get(name)
            .cloned()
            .unwrap_or_else(|| format!("/assets/{name}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_hashed_paths() {
        let manifest = AssetManifest::from_json(r#"{"main.css":"/assets/main.0a.css"}"#).unwrap();
        assert_eq!(manifest.url("main.css"), "/assets/main.0a.css");
        assert_eq!(manifest.url("x.svg"), "/assets/x.svg");
        assert!(AssetManifest::from_json("[]").is_err());
    }
}
