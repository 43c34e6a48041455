"""Spreads the scoring of blocks over a Dask cluster; the result is that of one process, in the same order.

This process reads, writes and adds up, the workers score: they need this package, but not the files. Needs
distributed, of the dependency group ``dask``. Knows nothing about what stands in a block.
"""

import contextlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator

from distributed import Client, LocalCluster

from model.table.scoring import Engine, Given, Made

_AHEAD = 3
"""Blocks under way for each thread of a worker: enough that none waits, few enough to fit in memory."""


@contextlib.contextmanager
def spread(scheduler: str | None = None, workers: int | None = None) -> Iterator[Engine]:
    """An engine on the cluster at the address, or else on one of this machine, a worker process a core."""
    with contextlib.ExitStack() as stack:
        if scheduler is None:
            cluster = LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address="127.0.0.1:0")
            scheduler = stack.enter_context(cluster).scheduler_address
        client = stack.enter_context(Client(scheduler))
        yield engine_on(client)


def engine_on(client: Client) -> Engine:
    """An engine on the cluster of the client."""

    def engine(function: Callable[[Given], Made], blocks: Iterable[Given], /) -> Iterator[Made]:
        shared = client.scatter(function, broadcast=True, hash=False)  # holds the classifier: sent once
        under_way: deque[object] = deque()
        for block in blocks:
            under_way.append(client.submit(_apply, shared, block, pure=False))
            if len(under_way) > _AHEAD * sum(client.nthreads().values()):
                yield client.gather(under_way.popleft())
        while under_way:
            yield client.gather(under_way.popleft())

    return engine


def _apply(function: Callable[[Given], Made], block: Given) -> Made:
    return function(block)
