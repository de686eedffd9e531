//! An import of flags.

use nexus_control::views::{ImportPreview, ImportRow, ImportState};
use nexus_domain::Environment;
use nexus_domain::import::{ImportTo, read_import};

pub(crate) const IMPORTED: &str = r#"{
  "features": {
    "banner": {
      "defaultValue": "off",
      "rules": [
        { "id": "fr_19g61", "name": "Staff", "condition": { "email": { "$regex": "@autoforge\\.example$" } }, "force": "new" },
        { "id": "fr_19g62", "force": "new", "coverage": 0.25, "hashAttribute": "id" }
      ]
    },
    "Old banner": { "defaultValue": true },
    "banner.Timer": { "defaultValue": false, "rules": [
      { "parentConditions": [{ "id": "banner", "condition": { "value": "new" }, "gate": true }] },
      { "force": true }
    ] },
    "new-checkout": { "defaultValue": false, "rules": [{ "force": true }] },
    "price": { "defaultValue": 1, "rules": [{ "key": "price", "variations": [1, 2] }] },
    "search": { "defaultValue": true }
  }
}"#;

/// What the console would say of it beside some flags that are there.
pub(crate) fn import_preview() -> ImportPreview {
    let to = ImportTo {
        environment: Environment::Production,
        from: "",
    };
    let import = read_import(IMPORTED, to, |_| None);
    let import = import.unwrap_or_else(|e| unreachable!("the sample is an export: {e}"));
    let rows = import.flags.into_iter().map(|flag| ImportRow {
        state: match (flag.key.as_str(), &flag.draft) {
            (_, None) => ImportState::Impossible,
            ("new-checkout", _) => ImportState::Differs { version: 6 },
            ("search", _) => ImportState::Same,
            _ => ImportState::New,
        },
        enabled: flag.enabled,
        partial: flag.is_partial(),
        needs: flag.needs().map(str::to_owned).collect(),
        key: flag.key,
        notes: flag.notes,
        draft: flag.draft,
    });
    ImportPreview {
        format: import.format,
        environments: import.environments,
        rows: rows.collect(),
    }
}
