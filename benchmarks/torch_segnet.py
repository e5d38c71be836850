"""The same KD4MTL step on SegNet in PyTorch, for comparison; written for this benchmark.

Runs in a process of its own, `python torch_segnet.py DATA.npz`, a step for every line it is given:
within one process the thread pools of PyTorch and TensorFlow slow each other down.
"""

import itertools
import sys

import numpy as np
import torch
from torch import nn
from torch.nn import functional

WIDTHS = (64, 128, 256, 512, 512)
DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")
CHANNELS = {"semantic": 13, "depth": 1, "normal": 3}
LAMBDAS = {"semantic": 1.0, "depth": 1.0, "normal": 2.0}


def block(inputs, outputs):
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, padding=1), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)
    )


def stage(inputs, outputs, count):
    sizes = [inputs] + [outputs] * count
    return nn.Sequential(*(block(a, b) for a, b in itertools.pairwise(sizes)))


class SegNet(nn.Module):
    def __init__(self):
        super().__init__()
        counts = [2, 2, 3, 3, 3]
        inputs = (3, *WIDTHS[:-1])
        outputs = (WIDTHS[0], *WIDTHS[:-1])
        self.down = nn.ModuleList(map(stage, inputs, WIDTHS, counts))
        self.up = nn.ModuleList(map(stage, WIDTHS, outputs, counts))
        self.heads = nn.ModuleDict(
            {
                task: nn.Sequential(
                    nn.Conv2d(WIDTHS[0], WIDTHS[0], 3, padding=1),
                    nn.Conv2d(WIDTHS[0], channels, 1),
                )
                for task, channels in CHANNELS.items()
            }
        )

    def forward(self, x):
        places = []
        for layers in self.down:
            x, indices = functional.max_pool2d(layers(x), 2, return_indices=True)
            places.append(indices)
        encoder = x
        for layers, indices in zip(list(self.up)[::-1], places[::-1], strict=True):
            x = layers(functional.max_unpool2d(x, indices, 2))
        outputs = {task: head(x) for task, head in self.heads.items()}
        outputs["normal"] = functional.normalize(outputs["normal"], dim=1)
        return outputs, (encoder, x)


def distance(student, teacher):
    def unit(v):
        return v / (v.pow(2).sum(1, keepdim=True) + 1e-6).sqrt()

    return (unit(student) - unit(teacher)).pow(2).sum(1).mean()


def losses(outputs, y):
    mask = (y["depth"] != 0).float()
    valid = mask.sum()
    return (
        functional.cross_entropy(outputs["semantic"], y["semantic"], ignore_index=-1)
        + ((outputs["depth"] - y["depth"]).abs() * mask).sum() / valid
        + 1
        - ((outputs["normal"] * y["normal"]).sum(1, keepdim=True) * mask).sum() / valid
    )


def make_step(x, y):
    """A function that trains one step, on channels-last NumPy arrays, copied in every step."""

    def batch():
        targets = {
            "semantic": torch.tensor(y["semantic"]).long(),
            "depth": torch.tensor(y["depth"].transpose(0, 3, 1, 2)).contiguous(),
            "normal": torch.tensor(y["normal"].transpose(0, 3, 1, 2)).contiguous(),
        }
        images = torch.tensor(x.transpose(0, 3, 1, 2)).contiguous()
        return images.to(DEVICE), {task: array.to(DEVICE) for task, array in targets.items()}

    student, teachers = SegNet().to(DEVICE), {task: SegNet().to(DEVICE) for task in CHANNELS}
    adaptors = nn.ModuleDict(
        {
            task: nn.ModuleList(nn.Conv2d(c, c, 1, bias=False) for c in (WIDTHS[-1], WIDTHS[0]))
            for task in CHANNELS
        }
    ).to(DEVICE)
    optimizer = torch.optim.Adam(student.parameters(), lr=1e-4)
    other = torch.optim.Adam(adaptors.parameters(), lr=1e-1, weight_decay=5e-4)

    def step():
        images, targets = batch()
        outputs, taps = student(images)
        total = losses(outputs, targets)
        for task, teacher in teachers.items():
            with torch.no_grad():
                _, taught = teacher(images)
            for adaptor, mine, theirs in zip(adaptors[task], taps, taught, strict=True):
                total = total + LAMBDAS[task] * distance(adaptor(mine), theirs)
        optimizer.zero_grad()
        other.zero_grad()
        total.backward()
        optimizer.step()
        other.step()
        return total.item()

    return step


def main():
    with np.load(sys.argv[1]) as data:
        arrays = dict(data)
    step = make_step(arrays.pop("x"), arrays)
    for _ in sys.stdin:
        print(step(), flush=True)


if __name__ == "__main__":
    main()
