# Numbers in pickles that name no place in the memo: an error, wherever they point.
import io
import pickle

for number in (-1, -2, -9, -100, -10**6, -10**8, -2**31, -2**62, -2**63, -2**63 - 1, 1, 10**8, 2**62, 2**64, "x", ""):
    for before in (b"", b"Vtext\np0\n", b"(lp0\n0"):
        for op in (b"g", b"Vother\np"):
            data = before + op + str(number).encode() + b"\n."
            if op != b"g" and isinstance(number, int) and number > 1:
                continue
            for load in (pickle.loads, lambda d: pickle.load(io.BytesIO(d))):
                try:
                    print(number, op, load(data))
                except Exception as e:
                    print(number, op, type(e).__name__, e)
for data in (b"\x80\x04h\x05.", b"\x80\x04j\xff\xff\xff\xff.", b"\x80\x04j\x00\x00\x00\x80.", b"\x80\x04Nq\x05h\x04.", b"\x80\x04N\x94h\x00h\x01."):
    try:
        print(pickle.loads(data))
    except Exception as e:
        print(type(e).__name__, e)
