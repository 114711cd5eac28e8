"""Data sets made from integer hashes, by the same arithmetic as in LatentTests/DataSets.swift."""
import numpy as np

MASK = (1 << 64) - 1


class SplitMix:
    def __init__(self, seed):
        self.state = seed

    def uniform(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return ((z ^ (z >> 31)) >> 11) * 2.0**-53

    def bell(self):
        """Sum of four uniforms: close to a normal of variance 1/3, and the same in every language."""
        return self.uniform() + self.uniform() + self.uniform() + self.uniform() - 2


def blobs(n, columns, centres, seed, spread):
    g = SplitMix(seed)
    c = [[10 * g.uniform() for _ in range(columns)] for _ in range(centres)]
    x = [[c[i % centres][k] + spread * g.bell() for k in range(columns)] for i in range(n)]
    return np.array(x, np.float32), np.arange(n) % centres


def roll(n, seed):
    """A rolled sheet with a little noise in 8 columns; the label is the place along the roll."""
    g = SplitMix(seed)
    x, t = [], []
    for _ in range(n):
        a = 1.5 * np.pi * (1 + 2 * g.uniform())
        h = 12 * g.uniform()
        row = [a * np.cos(a), h, a * np.sin(a), 0, 0, 0, 0, 0]
        x.append([v + 0.1 * g.bell() for v in row])
        t.append(a)
    return np.array(x, np.float32), np.array(t)


def lobes(n, seed):
    """Overlapping columns of falling spread, no clusters."""
    g = SplitMix(seed)
    return np.array([[g.bell() * 3 / (1 + k) for k in range(6)] for _ in range(n)], np.float32)
