"""Says what a file holds, for RefereeTests: python referee.py KIND FILE OUTPUT

star      a line for each value: block, label, row, value
npy       a line for each value of an array, or for each field's values of a table of records
mrc       the values as 32-bit floats
validate  whether mrcfile takes the file for a valid one
pickle    the numbers of a pickled array
"""
import pickle
import sys
import warnings

import mrcfile
import numpy as np
import starfile

kind, path, output = sys.argv[1:4]


def text(value):
    if isinstance(value, (bytes, np.bytes_)):
        return value.decode()
    if isinstance(value, (float, np.floating)):
        return repr(float(value))
    if isinstance(value, (bool, np.bool_)):
        return str(int(value))
    return str(value)


def star():
    for name, block in starfile.read(path, always_dict=True).items():
        items = [(k, [v]) for k, v in block.items()] if isinstance(block, dict) else \
            [(k, block[k].tolist()) for k in block.columns]
        for label, values in items:
            for row, value in enumerate(values):
                yield f"{name}\t{label}\t{row}\t{text(value)}"


def npy():
    array = np.load(path)
    for name in array.dtype.names or [None]:
        for value in (array if name is None else array[name]).reshape(-1):
            yield f"{name or ''}\t{text(value)}"


if kind == "mrc":
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        np.asarray(mrcfile.read(path), dtype="<f4").tofile(output)
elif kind == "validate":
    sys.exit(0 if mrcfile.validate(path) else 1)
else:
    lines = {"star": star, "npy": npy, "pickle": lambda: map(text, pickle.load(open(path, "rb")).reshape(-1))}
    with open(output, "w") as file:
        file.writelines(line + "\n" for line in lines[kind]())
