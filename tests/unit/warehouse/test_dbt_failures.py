"""What a build that did not go through is told by: each failed model or test, whatever its kind."""

from types import SimpleNamespace

import pytest

from pipelines.warehouse.dbt import DbtFailed, raise_for_failures


def outcome(*statuses, exception=None):
    """How dbt ended, with a node a status, named for it."""
    nodes = [
        SimpleNamespace(status=status, message=f"it is {status}", node=SimpleNamespace(name=status))
        for status in statuses
    ]
    result = SimpleNamespace(results=nodes) if statuses else None
    return SimpleNamespace(success=False, exception=exception, result=result)


@pytest.mark.parametrize("status", ["error", "fail"])
def test_one_model_or_test_that_failed_is_enough(status):
    with pytest.raises(DbtFailed, match=f"1 model.*failed\n{status}: it is {status}$"):
        raise_for_failures(outcome("success", "pass", status, "skipped"))


def test_each_failure_has_a_line():
    with pytest.raises(DbtFailed) as told:
        raise_for_failures(outcome("error", "skipped", "fail"))
    assert str(told.value).splitlines()[1:] == ["error: it is error", "fail: it is fail"]


def test_a_model_that_wants_more_memory_is_told_where_to_get_it():
    short = outcome("error")
    short.result.results[0].message = "Out of Memory Error: could not allocate block"
    with pytest.raises(DbtFailed, match="more memory with TILLHOUSE_MEMORY_LIMIT, such as 4GB$"):
        raise_for_failures(short)


def test_dbt_that_broke_before_any_model_says_why():
    with pytest.raises(DbtFailed, match="dbt stopped: no such profile"):
        raise_for_failures(outcome(exception=RuntimeError("no such profile")))


def test_a_build_that_went_through_raises_nothing():
    raise_for_failures(SimpleNamespace(success=True))
