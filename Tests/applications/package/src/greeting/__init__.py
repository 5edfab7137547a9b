import importlib.metadata
import importlib.resources
import sys


def main():
    words = importlib.resources.files("greeting").joinpath("words.txt").read_text().split()
    print(*words, importlib.metadata.version("greeting"), *sys.argv[1:])
