"""The network of a trial, and its training: the only place that knows PyTorch."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from augstudio.adapters.libraries import needed
from augstudio.export.settings import available_workers
from augstudio.trial.lesson import Lesson
from augstudio.trial.settings import BATCH, DEVICES, TrialError
from augstudio.wording import shown

_WIDTHS = (32, 64, 128)
"""Channels of the three stages; each halves width and height but the first."""
_RATE, _DECAY, _SMOOTHING, _WARM_UP = 2e-3, 0.05, 0.1, 0.2
"""Learning rate at its highest, weight decay, label smoothing, and the share of updates in which the rate rises: usual
values for AdamW on small pictures."""


_MEASURED = 256
"""Pictures that mean and spread of levels are told from, about."""
_SEEDING = threading.Lock()
"""Held while first weights are drawn: PyTorch has one source of chance for all threads."""


def torch() -> Any:
    """PyTorch.

    Raises
    ------
    TrialError
        If it is not installed, in one line that says how to install it.
    """
    try:
        return needed("torch", by="A trial", title="PyTorch, which trains its networks", package="'augstudio[trial]'")
    except ImportError as error:
        raise TrialError(str(error)) from error


def chosen_device(name: str) -> str:
    """The device that is asked for: "auto" is the first of CUDA's and Apple's that is there, else the processor.

    Raises
    ------
    TrialError
        If it is not there.
    """
    if name not in DEVICES:
        raise TrialError(f"device is {shown(name)}; allowed are {', '.join(DEVICES)}")
    t = torch()
    there = {"cuda": t.cuda.is_available(), "mps": t.backends.mps.is_available(), "cpu": True}
    if name == "auto":
        return next(device for device, is_there in there.items() if is_there)
    if not there[name]:
        have = ", ".join(device for device, is_there in there.items() if is_there)
        raise TrialError(f"device is {name}, which PyTorch does not find here; it finds: {have}")
    return name


class Teacher:
    """Trains small residual networks, from any thread.

    Parameters
    ----------
    device : str
        As of `chosen_device`.

    Attributes
    ----------
    parallel : int
        How many it is worth to train at a time: one for each processor, or one on anything else.
    """

    def __init__(self, device: str) -> None:
        self._torch = torch()
        self.device = device
        self.parallel = available_workers() if device == "cpu" else 1

    def __call__(
        self, lesson: Lesson, *, tell: Callable[[int], object], stop: Callable[[], bool]
    ) -> NDArray[np.intp] | None:
        """Train and judge; see `Teach`."""
        t = self._torch
        if self.device == "cpu":
            t.set_num_threads(1)  # of this thread: several networks at a time take less than several threads for each
        with _SEEDING, t.random.fork_rng(devices=[]):  # the caller's random state stays as it is
            t.manual_seed(lesson.seed)
            network = _network(t, lesson.names)
        network = network.to(self.device, memory_format=t.channels_last)
        some = lesson.versions[lesson.learnt[:: max(1, len(lesson.learnt) // _MEASURED)], 0].reshape(-1, 3)
        mean, spread = some.mean(0), np.maximum(some.std(0), 1.0)
        mean, spread = (t.tensor(one, dtype=t.float32, device=self.device).view(1, 3, 1, 1) for one in (mean, spread))

        def seen(pictures: NDArray[np.uint8]) -> Any:
            there = t.from_numpy(np.ascontiguousarray(pictures)).to(self.device).permute(0, 3, 1, 2).float()
            return ((there - mean) / spread).contiguous(memory_format=t.channels_last)

        classes = t.from_numpy(lesson.classes.astype(np.int64)).to(self.device)
        decayed, plain = _parted(network)
        optimizer = t.optim.AdamW([{"params": decayed, "weight_decay": _DECAY}, {"params": plain, "weight_decay": 0.0}])
        rate = t.optim.lr_scheduler.OneCycleLR(
            optimizer, max_lr=_RATE, total_steps=lesson.updates + 1, pct_start=_WARM_UP
        )
        loss_of = t.nn.CrossEntropyLoss(label_smoothing=_SMOOTHING)
        network.train()
        for done, (pictures, versions) in enumerate(lesson.batches()):
            if stop():
                return None
            tell(done)
            loss = loss_of(network(seen(lesson.shown(pictures, versions))), classes[t.from_numpy(pictures)])
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            rate.step()
        network.eval()
        parts = (lesson.judged[start : start + 8 * BATCH] for start in range(0, len(lesson.judged), 8 * BATCH))
        with t.inference_mode():
            return np.concatenate([network(seen(part)).argmax(1).cpu().numpy() for part in parts]).astype(np.intp)


def weights_of(names: int) -> int:
    """How many numbers a network for so many classes learns."""
    return sum(parameter.numel() for parameter in _network(torch(), names).parameters())


def _parted(network: Any) -> tuple[list[Any], list[Any]]:
    """Parameters that decay, and those of norms and biases, which do not."""
    both: tuple[list[Any], list[Any]] = [], []
    for parameter in network.parameters():
        both[parameter.ndim < 2].append(parameter)
    return both


def _network(t: Any, names: int) -> Any:
    """A residual network of three stages, a block each, with average pooling at the end."""
    nn = t.nn

    def conv(inside: int, outside: int, stride: int = 1, kernel: int = 3) -> Any:
        return nn.Conv2d(inside, outside, kernel, stride, kernel // 2, bias=False)

    class Block(nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self, inside: int, outside: int, stride: int) -> None:
            super().__init__()
            self.way = nn.Sequential(
                conv(inside, outside, stride),
                nn.BatchNorm2d(outside),
                nn.ReLU(),
                conv(outside, outside),
                nn.BatchNorm2d(outside),
            )
            same = inside == outside and stride == 1
            self.past = (
                nn.Identity() if same else nn.Sequential(conv(inside, outside, stride, 1), nn.BatchNorm2d(outside))
            )
            self.end = nn.ReLU()

        def forward(self, shown: Any) -> Any:
            return self.end(self.way(shown) + self.past(shown))

    first = _WIDTHS[0]
    blocks = [
        Block(before, width, 1 if before == width else 2)
        for before, width in zip((first, *_WIDTHS), _WIDTHS, strict=False)
    ]
    stem = [conv(3, first, 2), nn.BatchNorm2d(first), nn.ReLU()]
    return nn.Sequential(*stem, *blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(_WIDTHS[-1], names))
