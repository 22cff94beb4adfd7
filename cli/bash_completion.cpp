// SPDX-License-Identifier: Apache-2.0
#include "cli/command_names.hpp"
#include "cli/completion.hpp"
#include "cli/script_text.hpp"

#include <map>

namespace persiscsi::cli {
namespace {

std::string option_names(const option_row& option) {
    return (option.letter.empty() ? "" : std::string(option.letter) + " ") + std::string(option.name);
}

std::string names_of(const command_row& command) {
    std::vector<std::string> names;
    for (const auto& group : command.options)
        for (const auto& option : group) names.push_back(option_names(option));
    return joined(names);
}

std::string names_of_global_options() {
    std::vector<std::string> names;
    for (const auto& option : global_options) names.push_back(option_names(option));
    return joined(names) + " -h --help";
}

constexpr std::string_view bash_head = R"(# bash completion of persiscsi, printed by `persiscsi completion bash`.
_persiscsi() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} word skip= i options= choices=
    local -a words=()
    COMPREPLY=()
    # readline parts --option=value into three words
    if [[ $cur == = ]]; then cur=; elif [[ $prev == = ]]; then prev=${COMP_WORDS[COMP_CWORD-2]}; fi
    for ((i = 1; i < COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if [[ -n $skip ]]; then
            [[ $word == = ]] || skip=
            continue
        fi
        case $word in
            @VALUED@) skip=1 ;;
            -*) ;;
            *) words+=("$word") ;;
        esac
    done
    case $prev in
)";

constexpr std::string_view bash_middle = R"(        @VALUED@) return ;;
    esac
    case ${words[0]-} in
)";

constexpr std::string_view bash_tail = R"(    esac
    [[ $cur != -* ]] || choices="$options @GLOBAL@"
    mapfile -t COMPREPLY < <(compgen -W "$choices" -- "$cur")
}
complete -F _persiscsi persiscsi
)";

/// The shell code that offers such values, and the options they belong to.
std::map<std::string, std::vector<std::string_view>> bash_values() {
    std::map<std::string, std::vector<std::string_view>> all;
    for_each_option([&](const option_row& option) {
        const auto offered = offered_for(option.value);
        std::string kind;
        if (!offered.words.empty()) kind = "-W " + quoted(joined(offered.words));
        if (offered.directories) kind = "-d";
        if (offered.files) kind = "-f";
        if (kind.empty()) return;
        auto& names = all[kind];
        for (const auto name : {option.letter, option.name})
            if (!name.empty() && std::ranges::find(names, name) == names.end()) names.push_back(name);
    });
    return all;
}

std::string bash_value_cases() {
    std::string text;
    for (const auto& [kind, names] : bash_values()) {
        text += "        " + joined(names, "|") + ")\n";
        if (!kind.starts_with("-W")) text += "            compopt -o filenames 2>/dev/null\n";
        text += "            mapfile -t COMPREPLY < <(compgen " + kind + " -- \"$cur\")\n            return ;;\n";
    }
    return text;
}

std::string bash_command_case(const command_row& command) {
    auto text = std::string(command.verb) + ") options=" + quoted(names_of(command));
    const auto choices = offered_for(command.operand.name).words;
    if (!choices.empty()) text += " choices=" + quoted(joined(choices));
    return text + " ;;\n";
}

std::string bash_command_cases() {
    std::string text = "        '') choices=" + quoted(joined(first_words())) + " ;;\n";
    for (const auto word : first_words()) {
        if (const auto* command = find_command("", word)) {
            text += "        " + bash_command_case(*command);
            continue;
        }
        text += "        " + std::string(word) +
                ")\n            case ${words[1]-} in\n                '') choices=" + quoted(joined(verbs_of(word))) +
                " ;;\n";
        for (const auto& command : commands)
            if (command.noun == word) text += "                " + bash_command_case(command);
        text += "            esac ;;\n";
    }
    return text;
}

}  // namespace

std::string bash_completion() {
    const auto valued = joined(options_with_value(), "|");
    return filled(bash_head, "@VALUED@", valued) + bash_value_cases() + filled(bash_middle, "@VALUED@", valued) +
           bash_command_cases() + filled(bash_tail, "@GLOBAL@", names_of_global_options());
}

}  // namespace persiscsi::cli
