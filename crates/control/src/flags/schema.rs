//! Schemas of flags and the variants of experiments that set the same features.

use nexus_domain::Environment;
use nexus_domain::experiment::Draft;
use nexus_domain::flag::{FlagDraft, schema_breaks_experiments, variants_that_do_not_fit};

use crate::{Console, Error, Result};

impl Console {
    /// The variants that users get now keep to the schema.
    pub(super) async fn check_schema(
        &self,
        environment: Environment,
        key: &str,
        draft: &FlagDraft,
    ) -> Result<()> {
        let Some(schema) = &draft.schema else {
            return Ok(());
        };
        let live = self.at_the_edge(environment).await?;
        match schema_breaks_experiments(key, schema, &live) {
            Some(problem) => Err(Error::Invalid(vec![problem])),
            None => Ok(()),
        }
    }

    /// What the variants set keeps to the schemas of the flags of the same names.
    pub(crate) async fn check_variants(&self, draft: &Draft) -> Result<()> {
        let flags = self.flags_at_the_edge(draft.environment).await?;
        let features = draft.variants.iter().map(|variant| &variant.features);
        let problems = variants_that_do_not_fit(features, &flags);
        match problems.is_empty() {
            true => Ok(()),
            false => Err(Error::Invalid(problems)),
        }
    }
}
