# SPDX-License-Identifier: Apache-2.0
# completion.zsh SCRIPT LINE: what zsh offers at the end of the line once it has sourced the script. zsh completes only on
# a terminal: one is made here, and compadd, which all completion ends in, writes down what it is given.
emulate -R zsh
zmodload zsh/zpty || exit 1
typeset -x offered=$(mktemp)
zpty terminal zsh -f -i
setup=$(mktemp)
cat >$setup <<'EOF'
PROMPT=
autoload -Uz compinit
compinit -D -u
compadd() {
    if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then
        builtin compadd "$@"
        return
    fi
    local -a hits
    builtin compadd -A hits "$@"
    print -rl -- $hits >>$offered
    (( $#hits ))
}
leave() { exit }
comppostfuncs=(leave)
bindkey '^I' complete-word
EOF
zpty -w terminal "source $setup; source $1; print READY"
zpty -r terminal got '*READY*READY*'
zpty -n -w terminal "$2"$'\t'
while zpty -r terminal got; do :; done
zpty -d terminal
grep . $offered
rm -f $offered $setup
exit 0
