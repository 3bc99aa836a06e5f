"""A bounded version of every experiment of `bench/reliability`; writes nothing into the docs."""

import pytest
from experiments import EXPERIMENTS
from outcome import Limit

# A slow machine runs fewer trials rather than longer.
SECONDS = 10


BOUNDED = [experiment for experiment in EXPERIMENTS if experiment.trials]


@pytest.mark.parametrize("experiment", BOUNDED, ids=lambda experiment: experiment.name)
def test_promise_holds(context, experiment):
    if missing := experiment.missing():
        pytest.skip(missing)
    outcome = experiment.run(context, Limit(experiment.trials, SECONDS, offset=context.seed % 1000))
    print(outcome)
    assert outcome.trials
    assert not outcome.failures, f"{outcome}\nseed {context.seed}"


def test_trees_are_among_the_suites(context):
    if not context.project.stubborn:
        pytest.skip("AGENTV_TEST_TOOLS names no directory with stubborn/stubborn.c")
    assert "trees" in context.project.names
