"""Batches on a Dask cluster on this machine."""

import os
import signal

import icsflow as ics
import pytest
from test_scenarios import model, same

distributed = pytest.importorskip("distributed")

PLAN = {"replications": 60, "until": "2y", "seed": 2}


@pytest.fixture(scope="module")
def client():
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


@pytest.fixture(scope="module")
def here():
    return model().compare(**PLAN)


def test_a_cluster_gives_the_same_to_the_last_bit(client, here):
    assert len(client.run(os.getpid)) == 2
    same(here, model().compare(executor=client.get_executor(), **PLAN))
    precision = ics.Precision("blocked", "Ward", 0.2, relative=True)
    same(
        model().compare(precision=precision, **PLAN),
        model().compare(precision=precision, executor=client.get_executor(), **PLAN),
    )


def test_the_blocks_of_a_worker_that_was_killed_run_again(client, here):
    workers = client.run(os.getpid)
    killed = []

    def kill(done, total):
        if not killed:
            assert done < total
            killed.append(next(iter(workers.values())))
            os.kill(killed[0], signal.SIGKILL)

    same(here, model().compare(executor=client.get_executor(), progress=kill, **PLAN))
    assert killed
    client.wait_for_workers(2, timeout=60)
    assert killed[0] not in client.run(os.getpid).values()


def test_a_sensitivity_runs_there_as_well(client):
    levers = [ics.Lever("stay", 'node["P1"].stay.exponential.mean', 8, 12)]
    one = {"metric": "blocked", "scope": "Ward", "samples": 2, "until": "60d"}
    there = ics.sensitivity(model(), levers, executor=client.get_executor(), **one)
    assert there.values == ics.sensitivity(model(), levers, **one).values
