from __future__ import annotations

from scripts.soak import run_here, soak_server


def test_memory_is_recorded_after_each_part() -> None:
    found = run_here("fit", 2)
    assert found["amount"] == 2
    assert len(found["MiB"]) == 2
    assert 50 < found["MiB"][-1] < 3000
    assert len(run_here("score", 50)["MiB"]) == 1


def test_the_server_answers_or_refuses_every_request() -> None:
    found = soak_server(0.04, 40)
    assert set(found["answers"]) <= {"leaves: left", "long: 200", "no JSON: 422", "short: 200", "too large: 422"}
    assert found["requests"] == sum(found["answers"].values()) > 5
    assert len(found["MiB"]) == 20
    assert found["server exit code"] == 0
