"""Answers questions with the reference implementations.

One JSON object per line on stdin, one per line on stdout: {"ask": name, ...} gives
{"ok": {...}} or {"refused": reason}. Infinite numbers are null.
"""

import json
import math
import sys
import warnings

import numpy as np
import scipy.integrate
import scipy.optimize
import scipy.stats

warnings.simplefilter("ignore")
np.seterr(all="ignore")

from gbstats.bayesian.tests import EffectBayesianABTest, EffectBayesianConfig, GaussianPrior
from gbstats.frequentist.tests import (
    FrequentistConfig,
    OneSidedTreatmentGreaterTTest,
    OneSidedTreatmentLesserTTest,
    SequentialConfig,
    SequentialTwoSidedTTest,
    TwoSidedTTest,
)
from gbstats.models import statistics as st
from gbstats.utils import check_srm
from spotify_confidence.analysis.confidence_utils import power_calculation
from spotify_confidence.analysis.frequentist.confidence_computers import z_test_computer
from spotify_confidence.analysis.frequentist.sequential_bound_solver import bounds
from spotify_confidence.samplesize.sample_size_calculator import SampleSize
from ssrm_test.ssrm_test import sequential_p_values, sequential_posteriors
from statsmodels.stats.multitest import multipletests

TESTS = {
    "two_sided_t": TwoSidedTTest,
    "greater_t": OneSidedTreatmentGreaterTTest,
    "lesser_t": OneSidedTreatmentLesserTTest,
    "sequential": SequentialTwoSidedTTest,
}


def sample(s):
    """A sum per unit. gbstats has no counts: they are means."""
    if s["kind"] == "proportion":
        return st.ProportionStatistic(n=s["units"], sum=s["conversions"])
    return st.SampleMeanStatistic(n=s["units"], sum=s["sum"], sum_squares=s["sum_squares"])


def quantile(q):
    own = dict(
        n=q["events"],
        n_star=q["bound_events"],
        nu=q["level"],
        quantile_hat=q["value"],
        quantile_lower=q["lower"],
        quantile_upper=q["upper"],
    )
    c = q["clusters"]
    if c is None:
        return st.QuantileStatistic(**own)
    return st.QuantileClusteredStatistic(
        **own,
        main_sum=c["below"],
        main_sum_squares=c["below_squares"],
        denominator_sum=c["events"],
        denominator_sum_squares=c["events_squares"],
        main_denominator_sum_product=c["products"],
        n_clusters=c["units"],
    )


def statistic(metric):
    [(kind, m)] = metric.items()
    if kind == "single":
        return sample(m)
    if kind == "ratio":
        top, bottom = sample(m["numerator"]), sample(m["denominator"])
        return st.RatioStatistic(
            n=top.n, m_statistic=top, d_statistic=bottom, m_d_sum_of_products=m["products"]
        )
    if kind == "adjusted":
        post, pre = sample(m["post"]), sample(m["pre"])
        return st.RegressionAdjustedStatistic(
            n=post.n,
            post_statistic=post,
            pre_statistic=pre,
            post_pre_sum_of_products=m["products"],
            theta=0,
        )
    if kind == "quantile":
        return quantile(m)
    raise ValueError(kind)


def difference(q):
    d = q["difference"]
    if isinstance(d, str):
        return dict(difference_type=d)
    d = d["scaled"]
    return dict(
        difference_type="scaled",
        traffic_proportion_b=d["variant_share"],
        phase_length_days=d["days"],
    )


def result(r, **more):
    if r.error_message:
        return {"refused": r.error_message}
    found = dict(
        estimate=r.expected,
        standard_error=r.uplift.stddev,
        lower=r.ci[0],
        upper=r.ci[1],
        **more,
    )
    return {"ok": found}


def frequentist(q):
    common = dict(alpha=q["alpha"], test_value=q["null"], **difference(q))
    if q["test"] == "sequential":
        config = SequentialConfig(sequential_tuning_parameter=q["tuning"], **common)
    else:
        config = FrequentistConfig(**common)
    r = TESTS[q["test"]](statistic(q["control"]), statistic(q["variant"]), config).compute_result()
    return result(r, p_value=r.p_value)


def bayes(q):
    p = q["prior"]
    prior = GaussianPrior(mean=p["mean"], variance=p["deviation"] ** 2, proper=p["proper"])
    config = EffectBayesianConfig(
        inverse=q["inverse"],
        alpha=q["alpha"],
        prior_type=p["scale"],
        prior_effect=prior,
        **difference(q),
    )
    test = EffectBayesianABTest(statistic(q["control"]), statistic(q["variant"]), config)
    r = test.compute_result()
    return result(r, chance_to_win=r.chance_to_win, risk=list(r.risk))


def srm_once(q):
    return {"ok": {"p_value": check_srm(q["users"], q["weights"])}}


def srm_sequential(q):
    data, shares = np.array(q["counts"]), np.array(q["shares"])
    last = sequential_posteriors(data, shares)[-1]
    return {
        "ok": {
            "p_value": sequential_p_values(data, shares)[-1],
            "ln_e_value": last["log_bayes_factor"],
        }
    }


def adjust(q):
    return {"ok": {"p_values": list(multipletests(q["p_values"], method=q["method"])[1])}}


def group_bounds(q):
    """As spotify-confidence calls its solver."""
    t = np.array(q["fractions"])
    found = bounds(t, q["alpha"], rho=q["power"], ztrun=8, sides=q["sides"], max_nints=1000)
    return {"ok": {"bounds": list(found.bounds)}}


def second_bound(q):
    """The second of two bounds by adaptive quadrature, independent of any grid."""
    (t1, t2), (a1, a2) = q["fractions"], q["spent"]
    first = scipy.stats.norm.isf(a1)

    def crossing(second):
        def inner(u):
            gap = (second * math.sqrt(t2) - u * math.sqrt(t1)) / math.sqrt(t2 - t1)
            return scipy.stats.norm.pdf(u) * scipy.stats.norm.sf(gap)

        options = dict(epsabs=1e-14, epsrel=1e-13, limit=500, points=[-2, 0, first - 0.5])
        return scipy.integrate.quad(inner, -12, first, **options)[0] - (a2 - a1)

    return {"ok": {"bounds": [first, scipy.optimize.brentq(crossing, -2, 12, xtol=1e-13)]}}


def sample_size(q):
    size = SampleSize.binomial if q["binary"] else SampleSize.continuous
    total, cells, _ = size(
        q["effect"],
        q["baseline"],
        alpha=q["alpha"],
        power=q["power"],
        treatments=q["variants"] + 1,
        treatment_allocations=q["allocations"],
        bonferroni_correction=True,
    )
    return {"ok": {"total": float(total), "cells": [float(c) for c in cells]}}


def treatment_size(q):
    """Of the treatment group, each arm with its own variance."""
    size = z_test_computer._treatment_group_sample_size(
        z_alpha=scipy.stats.norm.isf(q["alpha"] / 2),
        z_power=scipy.stats.norm.ppf(q["power"]),
        hypothetical_effect=q["effect"],
        control_var=q["rate"] * (1 - q["rate"]),
        treatment_var=z_test_computer._get_hypothetical_treatment_var(
            True, False, q["rate"], q["rate"] * (1 - q["rate"]), q["effect"]
        ),
        kappa=q["ratio"],
    )
    return {"ok": {"units": float(size)}}


def power(q):
    found = power_calculation(q["effect"], q["variance"], q["alpha"], q["control"], q["variant"])
    return {"ok": {"power": found}}


def z_test(q):
    """spotify-confidence's z-test of a margin, on a frame as it builds one."""
    import pandas as pd

    frame = {"null_hypothesis": [q["null"]], "preference_used_in_test": [q["tail"]]}
    for suffix, arm in (("_1", q["control"]), ("_2", q["variant"])):
        own = pd.DataFrame(
            {"n": [arm["units"]], "s": [arm["sum"]], "ss": [arm["sum_squares"]]}
        )
        names = dict(numerator="s", denominator="n", numerator_sum_of_squares="ss")
        own["point_estimate"] = z_test_computer.point_estimate(own, **names)
        own["original_point_estimate"] = own["point_estimate"]
        frame["variance" + suffix] = z_test_computer.variance(own, **names)
        frame["point_estimate" + suffix] = own["point_estimate"]
        frame["n" + suffix] = own["n"]
    df = pd.DataFrame(frame)
    df["std_err"] = z_test_computer.std_err(df, denominator="n")
    df["difference"] = df["point_estimate_2"] - df["point_estimate_1"]
    df["alpha"] = q["alpha"]
    lower, upper = z_test_computer.ci(df, "alpha")
    found = dict(
        estimate=df["difference"][0],
        standard_error=df["std_err"][0],
        lower=np.ravel(lower)[0],
        upper=np.ravel(upper)[0],
        p_value=np.ravel(z_test_computer.p_value(df))[0],
    )
    return {"ok": found}


ASK = {
    f.__name__: f
    for f in (
        frequentist,
        bayes,
        srm_once,
        srm_sequential,
        adjust,
        group_bounds,
        second_bound,
        sample_size,
        treatment_size,
        power,
        z_test,
    )
}


def plain(value):
    """JSON has no infinity and no numpy."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if value is None or isinstance(value, str):
        return value
    return float(value) if math.isfinite(value) else None


for line in sys.stdin:
    question = json.loads(line)
    try:
        answer = ASK[question["ask"]](question)
    except Exception as error:  # the test decides what a refusal means
        answer = {"refused": f"{type(error).__name__}: {error}"}
    print(json.dumps(plain(answer)))
