import subprocess
import sys
import unittest


class Inner(unittest.TestCase):
    def test_itself(self):
        command = [sys.executable, "-c", "print(input()[::-1])"]
        done = subprocess.run(command, input="olleh\n", capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "hello\n", ""))
