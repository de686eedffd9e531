//! Layers: experiments that must not meet in one user.
//!
//! A layer deals all users to disjoint parts; each of its experiments has one. The part is
//! found when the experiment starts and stays its own until it ends, so nobody in it is
//! ever dealt anew.

use nexus_flags::{BASIS_POINTS, SliceRule};
use serde::{Deserialize, Serialize};

use super::Experiment;
use crate::ids::is_slug;
use crate::problem::{out_of_range, slug_problem};
use crate::{Field, FieldProblem, Problem};

/// A part of a layer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LayerShare {
    /// Name of the layer; layers of an environment differ by name.
    pub layer: String,
    /// How much of the layer the experiment has, in basis points (1 to 10,000).
    pub share_bp: u16,
    /// Where its part begins, in basis points; none before the start.
    #[serde(default)]
    pub from_bp: Option<u16>,
}

impl LayerShare {
    /// Where its part begins is found at the start, never typed.
    pub(super) fn unplaced(self) -> Self {
        Self {
            from_bp: None,
            ..self
        }
    }

    pub(super) fn problems(&self) -> Vec<FieldProblem> {
        let mut found = Vec::new();
        if !is_slug(&self.layer) {
            let problem = slug_problem(&self.layer);
            found.push(FieldProblem::new(Field::Layer, problem));
        }
        if !(1..=BASIS_POINTS).contains(&self.share_bp) {
            let problem = out_of_range("0.01", "100");
            found.push(FieldProblem::new(Field::LayerShare, problem));
        }
        found
    }

    /// What the gateway goes by; none before the start.
    #[must_use]
    pub fn slice(&self) -> Option<SliceRule> {
        let from_bp = self.from_bp?;
        Some(SliceRule {
            seed: format!("layer:{}", self.layer),
            from_bp,
            to_bp: from_bp.saturating_add(self.share_bp).min(BASIS_POINTS),
        })
    }
}

impl Experiment {
    /// With a part of its layer that none of `live` (the environment's experiments at the
    /// edge) has; unchanged without a layer.
    ///
    /// # Errors
    /// When no gap of the layer is large enough; the problem says how large the largest is.
    pub fn placed(&self, live: &[Self]) -> Result<Self, FieldProblem> {
        let mut placed = self.clone();
        let Some(own) = placed.layer.as_mut() else {
            return Ok(placed);
        };
        let others = live.iter().filter(|other| other.id != self.id);
        let gaps = free_parts(&own.layer, others);
        let fits = |(from, to): &&(u16, u16)| to - from >= own.share_bp;
        let Some((from_bp, _)) = gaps.iter().find(fits) else {
            let free_bp = gaps.iter().map(|(from, to)| to - from).max().unwrap_or(0);
            let problem = Problem::LayerFull { free_bp };
            return Err(FieldProblem::new(Field::LayerShare, problem));
        };
        own.from_bp = Some(*from_bp);
        Ok(placed)
    }
}

/// What these experiments leave of a layer: from where to where, in basis points.
#[must_use]
pub fn free_parts<'e>(
    layer: &str,
    experiments: impl Iterator<Item = &'e Experiment>,
) -> Vec<(u16, u16)> {
    let shares = experiments.filter_map(|one| one.layer.as_ref());
    let shares = shares.filter(|share| share.layer == layer);
    let mut taken: Vec<SliceRule> = shares.filter_map(LayerShare::slice).collect();
    taken.sort_unstable_by_key(|slice| slice.from_bp);
    let mut gaps = Vec::new();
    let mut free_from = 0;
    for slice in taken {
        if slice.from_bp > free_from {
            gaps.push((free_from, slice.from_bp));
        }
        free_from = free_from.max(slice.to_bp);
    }
    if free_from < BASIS_POINTS {
        gaps.push((free_from, BASIS_POINTS));
    }
    gaps
}

#[cfg(test)]
mod tests {
    use nexus_flags::bucketing::{BUCKETS, bucket};
    use proptest::prelude::*;

    use super::*;
    use crate::Environment;
    use crate::experiment::{Command, Draft};

    fn started(id: &str, share_bp: u16, live: &[Experiment]) -> Result<Experiment, FieldProblem> {
        let draft = Draft {
            id: id.into(),
            name: id.into(),
            layer: Some(LayerShare {
                layer: "checkout".into(),
                share_bp,
                from_bp: None,
            }),
            ..Draft::starter(Environment::Production)
        };
        let made = draft.create(id.into(), "a@b.c".into(), 1).unwrap();
        let placed = made.placed(live)?;
        Ok(placed.after(Command::Start, "a@b.c", 2).unwrap())
    }

    #[test]
    fn a_full_layer_says_how_much_is_left() {
        let mut live = vec![started("a", 4_000, &[]).unwrap()];
        live.push(started("b", 5_000, &live).unwrap());
        let full = started("c", 2_000, &live).unwrap_err();
        assert_eq!(full.problem, Problem::LayerFull { free_bp: 1_000 });
        assert_eq!(
            started("c", 1_000, &live).unwrap().layer.unwrap().from_bp,
            Some(9_000)
        );
        // Who ends makes room.
        live.remove(0);
        assert_eq!(
            started("d", 4_000, &live).unwrap().layer.unwrap().from_bp,
            Some(0)
        );
    }

    proptest! {
        /// Whatever starts and ends in whatever order: nobody is in two at once.
        #[test]
        fn experiments_of_a_layer_share_nobody(
            steps in proptest::collection::vec((1_u16..=6_000, any::<bool>()), 1..30),
        ) {
            let mut live: Vec<Experiment> = Vec::new();
            for (number, (share_bp, ends)) in steps.into_iter().enumerate() {
                if ends && !live.is_empty() {
                    live.remove(usize::from(share_bp) % live.len());
                } else if let Ok(new) = started(&format!("e{number}"), share_bp, &live) {
                    live.push(new);
                }
                let slices: Vec<_> = live.iter().filter_map(|e| e.layer.as_ref()?.slice()).collect();
                prop_assert_eq!(slices.len(), live.len());
                let mut owners = vec![0_u8; usize::from(BUCKETS)];
                for slice in &slices {
                    for at in slice.from_bp..slice.to_bp {
                        owners[usize::from(at)] += 1;
                    }
                }
                prop_assert!(owners.iter().all(|count| *count <= 1));
            }
            // The engine's bucket is what the parts are parts of.
            prop_assert!(bucket("layer:checkout", "ann") < BUCKETS);
        }
    }
}
