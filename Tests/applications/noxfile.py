import os

import nox

nox.options.default_venv_backend = "venv"


@nox.session
def inside(session):
    session.run("python", "-c", "import sys; print(sys.prefix != sys.base_prefix, sys.implementation.name)", silent=True)
    session.run("python", "-m", "unittest", "-q", "inner")
    session.run("python", "-m", "pip", "--version", silent=True)


@nox.session
@nox.parametrize("code", [0, 3])
def codes(session, code):
    session.env["CODE"] = str(code)
    session.run("python", "-c", "import os, sys; sys.exit(int(os.environ['CODE']))")
    os.mkdir(session.create_tmp() + "/made")
