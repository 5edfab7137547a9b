"""Views of buffers that are rare: items without bytes, an exporter that names no owner, too many dimensions."""
import ctypes

import _testbuffer


class Empty(ctypes.Structure):
    _fields_ = []


class Incomplete(ctypes.Structure):
    pass


for kind in Empty, Incomplete, Empty * 3, ctypes.c_int * 0, ctypes.c_int * 2 * 0:
    view = memoryview(kind())
    print(view.format, view.itemsize, view.shape, view.strides, view.nbytes, view.tobytes(), view.contiguous, view == memoryview(kind()))
    try:
        print(len(view), view[:].shape, view.cast("B").shape)
    except (TypeError, NotImplementedError, ValueError) as e:
        print(type(e).__name__, e)
for owner in _testbuffer.staticarray(), _testbuffer.staticarray(legacy_mode=True):
    view = memoryview(owner)
    print(view.obj is owner, view.obj is None, view[:3].obj is view.obj, view.tolist(), memoryview(view)[2:4].tobytes())
    view.release()
for dimensions in 64, 65, 128:
    many = _testbuffer.ndarray([1] * dimensions, shape=[1] * dimensions, format="L")
    try:
        view = memoryview(many)
        print(view.ndim, view.strides == (8,) * 64)
    except ValueError as e:
        print(e)
