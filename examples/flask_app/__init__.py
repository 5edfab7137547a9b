"""A small guest book: what a Flask application usually has, on one page each.

    amphis -m venv env
    env/bin/python -m pip install flask
    env/bin/python -m flask --app examples/flask_app run

Routes: / (template, form, session), /api/notes (JSON), /upload (file upload), /static/style.css, /count/<n> (streaming), /crash
(the debugger's page with --debug). `flask --app examples/flask_app routes` lists them, `shell` has `notes` at hand, and
`flask --app examples/flask_app add TEXT` is a command of the application's own.
"""
import hashlib
import platform
import sys
import time

import click
from flask import Flask, Response, abort, flash, jsonify, redirect, render_template, request, session, stream_with_context, url_for


class Notes:
    """The notes of the guest book, oldest first. Lives in memory: a restart empties it."""

    def __init__(self):
        self._notes = []

    def add(self, author, text):
        note = {"id": len(self._notes) + 1, "author": author, "text": text}
        self._notes.append(note)
        return note

    def __getitem__(self, number):
        return self._notes[number - 1]

    def __iter__(self):
        return iter(self._notes)

    def __len__(self):
        return len(self._notes)


def create_app(config=None):
    app = Flask(__name__)
    app.config.update(SECRET_KEY="for demonstration only", MAX_CONTENT_LENGTH=4 << 20)
    app.config.update(config or {})
    notes = app.notes = Notes()

    @app.before_request
    def start_clock():
        request.started = time.perf_counter()

    @app.after_request
    def stop_clock(response):
        response.headers["Server-Timing"] = f"app;dur={(time.perf_counter() - request.started) * 1000:.1f}"
        return response

    @app.context_processor
    def interpreter():
        return {"interpreter": f"{sys.implementation.name} {platform.python_version()}"}

    @app.template_filter()
    def shout(text):
        return f"{text.upper()}!"

    @app.get("/")
    def index():
        session["visits"] = session.get("visits", 0) + 1
        return render_template("index.html", notes=notes, visits=session["visits"])

    @app.post("/")
    def sign():
        author, text = request.form.get("author", "").strip(), request.form.get("text", "").strip()
        if not author or not text:
            flash("Name and text, please.")
        else:
            session["author"] = author
            notes.add(author, text)
            flash(f"Thank you, {author}.")
        return redirect(url_for("index"))

    @app.route("/api/notes", methods=["GET", "POST"])
    def api_notes():
        if request.method == "POST":
            body = request.get_json()
            if not isinstance(body, dict) or not {"author", "text"} <= body.keys():
                abort(400, "author and text are needed")
            return jsonify(notes.add(body["author"], body["text"])), 201
        return jsonify(notes=list(notes), count=len(notes))

    @app.get("/api/notes/<int:number>")
    def api_note(number):
        if not 1 <= number <= len(notes):
            abort(404)
        return notes[number]

    @app.post("/upload")
    def upload():
        result = {}
        for name, file in request.files.items():
            content = file.read()
            result[name] = {"filename": file.filename, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        return jsonify(result)

    @app.get("/count/<int:n>")
    def count(n):
        def lines():
            for i in range(n):
                yield f"{i} {request.path}\n"

        return Response(stream_with_context(lines()), mimetype="text/plain")

    @app.get("/crash")
    def crash():
        secret = 42
        return 1 / (secret - 42)

    @app.errorhandler(404)
    def missing(error):
        if request.path.startswith("/api/"):
            return jsonify(error=error.description), 404
        return render_template("missing.html", path=request.path), 404

    @app.cli.command("add")
    @click.argument("text")
    @click.option("--author", default="console")
    def add(text, author):
        """Write a note and print it."""
        click.echo(notes.add(author, text))

    @app.shell_context_processor
    def shell():
        return {"notes": notes}

    return app
