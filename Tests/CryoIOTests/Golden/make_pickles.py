"""Makes the pickles that PickleTests reads, in all protocols, and pickles.json with their values.
Run in this folder: python make_pickles.py"""
import collections
import json
import pickle

import numpy as np

random = np.random.default_rng(3)
rotations = random.normal(size=(4, 3, 3)).astype("<f4")
shifts = random.uniform(-0.1, 0.1, (4, 2))
table = random.normal(size=(4, 9)).astype("<f4")
rows = np.array([0, 3, 1], dtype="<i8")

for protocol in range(2, 6):
    with open(f"poses.{protocol}.pkl", "wb") as file:
        pickle.dump((rotations, shifts), file, protocol)
    with open(f"ctf.{protocol}.pkl", "wb") as file:
        pickle.dump(np.asfortranarray(table).astype(">f8"), file, protocol)
    with open(f"rows.{protocol}.pkl", "wb") as file:
        pickle.dump(rows, file, protocol)
    with open(f"list.{protocol}.pkl", "wb") as file:
        pickle.dump([5, 70000, -2, 1 << 40] + list(range(2000)), file, protocol)
    with open(f"numbers.{protocol}.pkl", "wb") as file:
        pickle.dump(list(rows), file, protocol)
    with open(f"ordered.{protocol}.pkl", "wb") as file:
        pickle.dump(collections.OrderedDict(a=1), file, protocol)


class Evil:
    def __reduce__(self):
        return print, ("code of a pickle ran",)


with open("evil.pkl", "wb") as file:
    pickle.dump((rotations, Evil()), file)
with open("objects.pkl", "wb") as file:
    pickle.dump(np.array([None, "a"], dtype=object), file)
with open("pickles.json", "w") as file:
    json.dump(
        {
            "poses": [rotations.reshape(-1).tolist(), shifts.reshape(-1).tolist()],
            "ctf": [table.astype("f8").reshape(-1).tolist()],
            "rows": [rows.tolist()],
            "list": [[5, 70000, -2, 1 << 40] + list(range(2000))],
            "numbers": [rows.tolist()],
        },
        file,
    )
