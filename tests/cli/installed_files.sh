#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# installed_files.sh PROGRAM BUILD CMAKE: what is installed beside the programs is what the program prints now.
set -euo pipefail
program=$1 build=$2 cmake=$3
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
"$cmake" --install "$build" --component printed --prefix "$place/usr" >"$place/log" || { cat "$place/log"; exit 1; }
share=$place/usr/share
cmp <("$program" completion bash) "$share/bash-completion/completions/persiscsi"
cmp <("$program" completion zsh) "$share/zsh/site-functions/_persiscsi"
cmp <("$program" completion fish) "$share/fish/vendor_completions.d/persiscsi.fish"
mkdir "$place/pages"
"$program" man --quiet --directory "$place/pages"
diff -r "$place/pages" "$share/man/man1"
