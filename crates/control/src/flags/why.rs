//! Why a flag gives somebody what.

use nexus_domain::Environment;
use nexus_domain::actor::Actor;
use nexus_domain::flag::flag_rule_as_planned;

use crate::views::FlagWhy;
use crate::{Console, Error, Result, Somebody};

impl Console {
    /// Explains what the flag gives somebody now; for one that is off, what it would give if
    /// it were on.
    ///
    /// # Errors
    /// `NotFound`, `Forbidden`, or the database's.
    pub async fn flag_why(
        &self,
        actor: &Actor,
        environment: Environment,
        key: &str,
        somebody: &Somebody,
    ) -> Result<FlagWhy> {
        let flag = self.readable_flag(actor, environment, key).await?;
        // Attributes come in headers, whose names have no case; so the gateway lowers both.
        let mut rule = flag_rule_as_planned(&flag);
        for step in &mut rule.rules {
            step.targeting.lower_names();
        }
        let explanation = somebody
            .ask(self.now_ms(), |context| rule.explain(context))
            .map_err(Error::internal)?;
        Ok(FlagWhy { flag, explanation })
    }
}
