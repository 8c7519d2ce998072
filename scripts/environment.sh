# Sourced by the other shell scripts: creates the virtual environment .venv and installs the pipeline.

die() {
    echo "error: $1" >&2
    exit 2
}

# prepare EXTRA: install with the extras cpu, data and EXTRA, unless installed since the last change of setup.cfg.
prepare() {
    local extras="cpu,data${1:+,$1}" python="${PYTHON:-python3}" done_before=".venv/installed-${1:-run}"
    if [ ! -e .venv/bin/python ]; then
        "$python" -c "" 2>/dev/null || die "no Python found ($python): install Python 3.8 to 3.12, or set PYTHON="
        "$python" -c 'import sys; sys.exit(not (3, 8) <= sys.version_info < (3, 13))' ||
            die "$("$python" --version) does not run MXNet: set PYTHON= to a Python from 3.8 to 3.12"
        if ! "$python" -m venv .venv; then
            rm -rf .venv
            die "could not create a virtual environment (see above); on Debian: apt install python3-venv"
        fi
    fi
    source .venv/bin/activate
    if [ ! "$done_before" -nt setup.cfg ]; then
        command -v "${CC:-cc}" >/dev/null || die "no C compiler found, which gluonnlp needs; on Debian: apt install gcc"
        echo "Installing ($extras) in .venv ..."
        python -m pip install --quiet --disable-pip-version-check --editable ".[$extras]" ||
            die "installation failed (see above); it needs network access and the Python headers (python3-dev)"
        touch "$done_before"
    fi
}
