"""Makes the NumPy files that NumPyTests reads. Run in this folder: python make_numpy.py"""
import zipfile

import numpy as np

values = np.arange(-2, 4).reshape(2, 3)
arrays = {
    "f4_little": (values * 0.5).astype("<f4"),
    "f8_big": (values * 0.1).astype(">f8"),
    "i4_big": values.astype(">i4"),
    "i8_little": values.astype("<i8") * 10**12,
    "u1": (values + 2).astype("u1"),
    "bool": values > 0,
    "f4_fortran": np.asfortranarray(np.arange(24).reshape(2, 3, 4).astype("<f4")),
    "f8_big_fortran": np.asfortranarray(values.astype(">f8")),
    "scalar": np.float32(1.5),
    "empty": np.zeros((0, 3), "<f4"),
    "vector": np.arange(3, dtype="<f4"),
}
for name, array in arrays.items():
    np.save(f"{name}.npy", array)
with open("version2.npy", "wb") as file:
    np.lib.format.write_array(file, arrays["vector"], version=(2, 0))
np.save("structured.npy", np.zeros(2, dtype=[("a", "<f4"), ("b", "<i4", (2,))]))
np.save("complex.npy", np.zeros(2, dtype="<c8"))
np.savez("stored.npz", latent=arrays["f4_little"], labels=arrays["i8_little"], mask=arrays["bool"])
np.savez_compressed("compressed.npz", latent=np.zeros(1000, "<f4"))
# Low limits make Python write the 64-bit fields that archives beyond 4 GiB have.
zipfile.ZIP64_LIMIT = 10
zipfile.ZIP_FILECOUNT_LIMIT = 1
np.savez("wide.npz", latent=arrays["f4_little"], labels=arrays["i8_little"])

# A table of every kind of field, and its values.
fields = np.zeros(
    3,
    dtype=[
        ("uid", "<u8"), ("path", "S6"), ("name", "<U4"), ("half", "<f2"), ("big", ">f8"), ("pose", "<f4", (3,)),
        ("grid", "<i2", (2, 2)), ("flag", "?"), ("small", "i1"),
    ],
)
fields["uid"] = [2**64 - 1, 1, 2]
fields["path"] = [b"a.mrc", b"bb.mrc", b""]
fields["name"] = ["ä", "four", ""]
fields["half"], fields["big"] = [1.5, -2, 65504], [np.pi, -1e300, 0]
fields["pose"] = np.arange(9).reshape(3, 3) / 4
fields["grid"] = np.arange(-6, 6).reshape(3, 2, 2)
fields["flag"], fields["small"] = [True, False, True], [-128, 0, 127]
np.save("fields.npy", fields)
