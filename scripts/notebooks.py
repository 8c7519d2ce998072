"""Open the notebooks in JupyterLab, or run them and write them as HTML."""

from __future__ import annotations

import argparse
import os
import re
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any, List, Mapping, NamedTuple, Optional, Sequence

from pipeline.cli.main import run_command
from pipeline.errors import PipelineError
from pipeline.io.output import new_file

SOURCES = Path(__file__).parents[1] / "notebooks"
DATA = Path("data")
PARAMETERS = "parameters"  # the tag of the cell whose values `set_parameters` replaces, as papermill has it


class Failure(NamedTuple):
    """The cell at which a notebook stopped."""

    cell: int  # its number in the notebook, from 1, texts included
    source: str  # its first line of code
    error: str  # in one line


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Open or run notebooks; the exit code is 1 if a cell fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    opened = commands.add_parser("open", help="copy the notebooks to notebooks in --data, and start JupyterLab there")
    opened.add_argument("--data", type=Path, default=DATA, help="folder of all data (default: %(default)s)")
    opened.add_argument("--no-browser", action="store_true", help="only print the address")
    opened.set_defaults(run=_open)

    run = commands.add_parser("run", help="run notebooks from the first cell to the last")
    run.add_argument("name", nargs="*", help=f"{', '.join(path.stem for path in list_sources())} (default: all)")
    run.add_argument("--fast", action="store_true", help="on little data: minutes, and results that mean nothing")
    run.add_argument(
        "--html", type=Path, metavar="FOLDER", help="for NAME.html and NAME.ipynb (default: notebooks/html in --data)"
    )
    run.add_argument("--data", type=Path, default=DATA, help="folder of all data (default: %(default)s)")
    run.set_defaults(run=_run)
    return run_command(parser, arguments)


def list_sources(names: Sequence[str] = ()) -> List[Path]:
    """Return the source files of some notebooks, of all without names.

    Raises
    ------
    PipelineError
        If there is none of a name.
    """
    sources = {path.stem: path for path in sorted(SOURCES.glob("*.py"))}
    for name in names:
        if name not in sources:
            raise PipelineError(f"{name}: no such notebook; there are {', '.join(sources)}")
    return [sources[name] for name in names or sources]


def read_notebook(path: Path) -> Any:
    """Read a notebook from its source in percent format.

    Returns
    -------
    nbformat.NotebookNode

    Raises
    ------
    PipelineError
        If jupytext is missing.
    """
    try:
        import jupytext
    except ImportError:
        raise PipelineError('notebooks need jupytext; install it with: pip install ".[notebooks]"') from None
    notebook = jupytext.read(path, fmt="py:percent")
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook.metadata["language_info"] = {"name": "python"}
    return notebook


def set_parameters(notebook: Any, values: Mapping[str, Any]) -> None:
    """Insert a cell that sets values after the cell tagged "parameters"; a notebook without one is left as it is."""
    from nbformat.v4 import new_code_cell

    source = "\n".join(f"{name} = {value!r}" for name, value in values.items())
    tagged = [i for i, cell in enumerate(notebook.cells) if PARAMETERS in cell.metadata.get("tags", ())]
    for i in tagged:
        notebook.cells.insert(i + 1, new_code_cell(source, metadata={"tags": [f"injected-{PARAMETERS}"]}))


def execute(notebook: Any, folder: Path) -> Optional[Failure]:
    """Run a notebook's cells in order, in a folder, until one fails; they keep their outputs.

    Returns
    -------
    Failure or None
    """
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, DeadKernelError

    client = NotebookClient(
        notebook,
        resources={"metadata": {"path": str(folder)}},
        kernel_name="python3",
        startup_timeout=300,  # on a busy machine
        extra_arguments=["--log-level=ERROR"],  # it warns of its local ports
    )
    with client.setup_kernel():
        for number, cell in enumerate(notebook.cells):
            try:
                client.execute_cell(cell, number)
            except CellExecutionError as error:
                said = f"{error.ename}: {error.evalue}".strip().splitlines()[0]
                return Failure(number + 1, cell.source.partition("\n")[0], said)
            except DeadKernelError:
                return Failure(number + 1, cell.source.partition("\n")[0], "the kernel died")
            finally:
                _tidy(cell)
    return None


def _tidy(cell: Any) -> None:
    """Join a cell's printed output, and remove what progress bars have overwritten."""
    outputs: List[Any] = []
    for output in cell.get("outputs", ()):
        last = outputs[-1] if outputs else {}
        if output.output_type == "stream" and last.get("name") == output.name:
            last["text"] += output.text
        else:
            outputs.append(output)
    for output in outputs:
        if output.output_type == "stream":
            output["text"] = re.sub(r"[^\n]*\r(?!\n)", "", output.text)
    if "outputs" in cell:
        cell["outputs"] = [output for output in outputs if output.get("text", "some").strip()]


def write_outputs(notebook: Any, folder: Path, name: str) -> Path:
    """Write a notebook that was run as NAME.ipynb and NAME.html; return the latter."""
    import logging

    import nbformat
    from nbconvert import HTMLExporter

    exporter = HTMLExporter()
    exporter.log.setLevel(logging.ERROR)  # it warns of pictures without alternative text
    html, _ = exporter.from_notebook_node(notebook, {"metadata": {"name": name}})
    for path, text in ((folder / f"{name}.ipynb", nbformat.writes(notebook)), (folder / f"{name}.html", html)):
        with new_file(path) as temporary:
            temporary.write_text(text, encoding="utf-8")
    return folder / f"{name}.html"


def write_copies(folder: Path, values: Mapping[str, Any]) -> None:
    """Write each notebook as NAME.ipynb, except where there is one: it may hold a reader's work.

    Parameters
    ----------
    folder : Path
    values : dict
        For `set_parameters`, if not empty.
    """
    import nbformat

    for source in list_sources():
        copy = folder / f"{source.stem}.ipynb"
        notebook = read_notebook(source)
        if copy.exists():
            newer = source.stat().st_mtime > copy.stat().st_mtime
            print(f"{copy}: kept" + ("; its source is newer: rename it for a new copy" if newer else ""))
            continue
        if values:
            set_parameters(notebook, values)
        with new_file(copy) as temporary:
            temporary.write_text(nbformat.writes(notebook), encoding="utf-8")
        print(f"{copy}: new")


def _open(options: argparse.Namespace) -> None:
    if not find_spec("jupyterlab"):
        raise PipelineError('there is no JupyterLab; install it with: pip install ".[notebooks]"')
    folder = options.data / "notebooks"
    # The notebooks find a folder named data above them; any other one they are told.
    write_copies(folder, {} if options.data == DATA else {"DATA": os.path.abspath(options.data)})
    sys.stdout.flush()
    command = [sys.executable, "-m", "jupyterlab", str(folder), *["--no-browser"] * options.no_browser]
    os.execv(sys.executable, command)  # which replaces this process, so that Ctrl-C is JupyterLab's


def _run(options: argparse.Namespace) -> int:
    sources = list_sources(options.name)
    folder = options.html or options.data / "notebooks" / "html"
    folder.mkdir(parents=True, exist_ok=True)
    failed = False
    for source in sources:
        notebook, start = read_notebook(source), time.perf_counter()
        set_parameters(notebook, {"FAST": options.fast, "DATA": os.path.abspath(options.data)})
        failure = execute(notebook, folder)
        page = write_outputs(notebook, folder, source.stem)
        if failure:
            failed = True
            where = f"{source.name}, cell {failure.cell} ({failure.source})"
            print(f"error: {where}: {failure.error}; {page} shows it", file=sys.stderr)
        else:
            seconds = time.perf_counter() - start
            print(f"{source.stem}: {len(notebook.cells)} cells in {seconds:.0f} s, {page}", flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
