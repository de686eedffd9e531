//! The power curve, with its numbers as a table.

use leptos::prelude::*;
use nexus_control::views::{PowerPoint, SizePlan};

use super::CalculatorState;
use crate::charts::{LineChart, Series, line_chart, ticks};
use crate::cx::Cx;
use crate::format::{count, parse_bp, percent, short_beside};
use crate::text::calculator::CalculatorWord as W;
use crate::text::method::MethodWord;
use crate::ui::{data_table, panel};

type Line = (usize, MethodWord, fn(&PowerPoint) -> f64);

/// In the order of the users that they take. The dashed line is the fixed horizon's.
const LINES: [Line; 3] = [
    (0, MethodWord::FixedHorizon, |p| p.fixed),
    (2, MethodWord::GroupSequential, |p| p.group_sequential),
    (1, MethodWord::AlwaysValid, |p| p.always_valid),
];

#[must_use]
pub(super) fn view_curve(cx: &Cx, state: &CalculatorState, plan: &SizePlan) -> AnyView {
    let series = LINES
        .map(|(index, _, value)| Series {
            index,
            points: plan
                .curve
                .iter()
                .map(|p| (p.users as f64, value(p)))
                .collect(),
        })
        .into();
    let round = round_users(&plan.curve);
    let most = round.last().copied().unwrap_or_default();
    let chart = line_chart(LineChart {
        series,
        bands: Vec::new(),
        include: (0.0, 1.0),
        cut: Some((0.0, 1.0)),
        mark: parse_bp(&state.power).map(|power| f64::from(power) / 10_000.0),
        x_ticks: Some(round),
        x_label: |users| short_beside(users, most, cx.lang),
        y_label: |v: f64| format!("{:.0}%", v * 100.0),
        label: cx.t(W::CurveLabel).to_owned(),
    });
    let legend = LINES.map(|(index, name, _)| {
        view! {
            <li>
                <span class=format!("swatch s{index}") aria-hidden="true"></span>
                {cx.t(name)}
            </li>
        }
    });
    let legend = view! { <ul class="legend">{legend.into_iter().collect_view()}</ul> };
    let body = view! {
        {chart}
        <p class="panel-quiet">{cx.t(W::Users)}</p>
        {table(cx, plan)}
    };
    panel("curve", cx.t(W::Curve), legend.into_any(), body.into_any())
}

/// Round numbers of users from the first point to the last.
fn round_users(curve: &[PowerPoint]) -> Vec<f64> {
    let ends = curve.first().zip(curve.last());
    let mut round = ends.map_or_else(Vec::new, |(first, last)| {
        ticks(first.users as f64, last.users as f64, 4)
    });
    // Between few users round steps may be parts of one.
    round.retain(|users| (users - users.round()).abs() < 0.01);
    round
}

fn table(cx: &Cx, plan: &SizePlan) -> AnyView {
    let heads = LINES.map(|(_, name, _)| {
        view! {
            <th scope="col" class="end">
                {cx.t(name)}
            </th>
        }
    });
    let rows = plan
        .curve
        .iter()
        .map(|point| {
            let cells = LINES.map(|(_, _, value)| {
                view! { <td class="end num">{percent(value(point))}</td> }
            });
            view! {
                <tr>
                    <th scope="row">{count(point.users)}</th>
                    {cells.into_iter().collect_view()}
                </tr>
            }
        })
        .collect_view();
    let heads = view! {
        <th scope="col">{cx.t(W::Users)}</th>
        {heads.into_iter().collect_view()}
    };
    data_table(cx, heads.into_any(), rows.into_any())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_axis_has_round_whole_numbers() {
        let point = |users: u64| PowerPoint {
            users,
            users_per_variant: users / 2,
            fixed: 0.5,
            group_sequential: 0.4,
            always_valid: 0.3,
        };
        let round = |first, last| round_users(&[point(first), point(last)]);
        assert_eq!(
            round(2_824, 84_720),
            [20_000.0, 40_000.0, 60_000.0, 80_000.0]
        );
        assert_eq!(round(2, 4), [2.0, 3.0, 4.0]);
        assert_eq!(round(2, 2), [2.0]);
        assert!(round_users(&[]).is_empty());
    }
}
