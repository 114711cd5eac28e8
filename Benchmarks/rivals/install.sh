#!/bin/sh
# Installs another program in an environment of its own: install.sh cryodrgn | relion | recovar | torch-projectors
# Environments are in $DSD_RIVALS (default: ~/.local/share/opusdsd-rivals), outside the repository.
set -eu
place=${DSD_RIVALS:-$HOME/.local/share/opusdsd-rivals}
name=${1:?Give the program: cryodrgn, relion, recovar or torch-projectors}

venv() { # PACKAGES
    mkdir -p "$place"
    python3 -m venv "$place/$name"
    "$place/$name/bin/pip" install -q "$@"
    "$place/$name/bin/pip" freeze > "$place/$name/packages.txt"
}

case $name in
cryodrgn) venv cryodrgn==4.3.1 ;;
recovar) venv recovar==1.0.5 ;;
# Its binary was made for the older of two C++ interfaces, which torch 2.6 has as the last.
torch-projectors) venv torch==2.6.0 torch-projectors==0.13.1 ;;
relion) # Debian's package, on the PATH; 3.1.3 in Debian 12.
    command -v relion_refine > /dev/null || apt-get install -y --no-install-recommends relion
    relion_refine --version ;;
*)
    echo "install.sh: there is no recipe for $name; there are cryodrgn, relion, recovar and torch-projectors" >&2
    exit 2 ;;
esac
