# Warnings when the module that shows them is gone and there is no sys.stderr: None says nothing, a missing one says so.
import subprocess
import sys

program = """
import sys, _warnings
sys.modules.pop("warnings", None)
sys.stderr = None
_warnings.warn("to None")
del sys.stderr
_warnings.warn("to nothing")
"""
done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
print(done.returncode, repr(done.stdout), repr(done.stderr))

# An event loop that is still there at the end of the process is closed when nobody hears of it.
program = """
import asyncio
loop = asyncio.new_event_loop()
asyncio.set_event_loop(loop)


async def main():
    return 1


print(loop.run_until_complete(main()))
"""
done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
print(done.returncode, repr(done.stdout), repr(done.stderr))
