# Sourced by the other shell scripts: makes the virtual environment .venv and installs the pipeline in it.

die() {
    echo "error: $1" >&2
    exit 2
}

# prepare EXTRA: install with the extras cpu, data and EXTRA, unless that was done since setup.cfg last changed.
prepare() {
    local extras="cpu,data${1:+,$1}" python="${PYTHON:-python3}" done_before=".venv/installed-${1:-run}"
    if [ ! -e .venv/bin/python ]; then
        "$python" -c "" 2>/dev/null || die "Python is missing ($python): install Python 3.8 to 3.12, or name one with PYTHON="
        "$python" -c 'import sys; sys.exit(not (3, 8) <= sys.version_info < (3, 13))' ||
            die "$("$python" --version) does not run MXNet: name a Python from 3.8 to 3.12 with PYTHON="
        if ! "$python" -m venv .venv; then
            rm -rf .venv
            die "no virtual environment could be made (see above); on Debian: apt install python3-venv"
        fi
    fi
    source .venv/bin/activate
    if [ ! "$done_before" -nt setup.cfg ]; then
        command -v "${CC:-cc}" >/dev/null || die "a C compiler is missing, which gluonnlp needs; on Debian: apt install gcc"
        echo "Installing ($extras) in .venv ..."
        python -m pip install --quiet --disable-pip-version-check --editable ".[$extras]" ||
            die "the installation failed (see above); it needs the network, and the headers of Python (python3-dev)"
        touch "$done_before"
    fi
}
