// SPDX-License-Identifier: Apache-2.0
#include "cli/command_names.hpp"
#include "cli/completion.hpp"
#include "cli/script_text.hpp"

namespace persiscsi::cli {
namespace {

/// Within the [] of an option of _arguments.
std::string zsh_explained(std::string_view text) {
    return replaced(replaced(replaced(text, '\\', "\\\\"), '[', "\\["), ']', "\\]");
}

std::string zsh_action(std::string_view value) {
    const auto offered = offered_for(value);
    if (offered.files) return "_files";
    if (offered.directories) return "_files -/";
    return offered.words.empty() ? " " : "(" + joined(offered.words) + ")";
}

std::string zsh_option(const option_row& option) {
    const bool takes_value = !option.value.empty();
    auto rest = "[" + zsh_explained(option.help) + "]";
    if (takes_value) rest += ":" + replaced(option.value, ':', "\\:") + ":" + zsh_action(option.value);
    const std::string many_times = option.how == many ? "*" : "";
    auto text = quoted(many_times + std::string(option.name) + (takes_value ? "=" : "") + rest);
    if (!option.letter.empty()) text += "\n        " + quoted(std::string(option.letter) + rest);
    return "        " + text + "\n";
}

std::string zsh_options(const command_row& command) {
    std::string text;
    for (const auto& group : command.options)
        for (const auto& option : group) text += zsh_option(option);
    const auto& operand = command.operand;
    if (!operand.name.empty())
        text += "        " +
                quoted((operand.most > 1 ? "*:" : "1:") + replaced(operand.name, ':', "\\:") + ":" +
                       zsh_action(operand.name)) +
                "\n";
    return text;
}

std::string zsh_function(const command_row& command) {
    return "_persiscsi_" + replaced(replaced(command.name(), ' ', "_"), '-', "_");
}

/// A function that offers the words of `described` first, and then calls what belongs to the one that stands there.
std::string zsh_chooser(const std::string& function,
                        const std::vector<std::pair<std::string, std::string>>& described,
                        const std::vector<std::pair<std::string, std::string>>& functions) {
    auto text = function + R"(() {
    local curcontext=$curcontext state state_descr line
    local -a chosen
    typeset -A opt_args
    _arguments -C -S $_persiscsi_global '1:command:->first' '*::argument:->rest'
    case $state in
        first)
            chosen=(
)";
    for (const auto& [word, summary] : described)
        text += "                " + quoted(word + ":" + replaced(summary, ':', "\\:")) + "\n";
    text += "            )\n            _describe command chosen ;;\n        rest)\n            case $words[1] in\n";
    for (const auto& [word, called] : functions) text += "                " + word + ") " + called + " ;;\n";
    return text + "            esac ;;\n    esac\n}\n\n";
}

std::string zsh_noun(std::string_view noun) {
    std::vector<std::pair<std::string, std::string>> described;
    std::vector<std::pair<std::string, std::string>> functions;
    for (const auto& command : commands) {
        if (command.noun != noun) continue;
        described.emplace_back(command.verb, command.summary);
        functions.emplace_back(command.verb, zsh_function(command));
    }
    return zsh_chooser("_persiscsi_" + std::string(noun), described, functions);
}

}  // namespace

std::string zsh_completion() {
    std::string text =
        "#compdef persiscsi\n# zsh completion of persiscsi, printed by `persiscsi completion zsh`.\n"
        "compdef _persiscsi persiscsi\n\ntypeset -ga _persiscsi_global=(\n";
    for (const auto& option : global_options) text += zsh_option(option);
    text += "        '(- *)'{-h,--help}'[help]'\n)\n\n";
    std::vector<std::pair<std::string, std::string>> described;
    std::vector<std::pair<std::string, std::string>> functions;
    for (const auto& command : commands)
        text += zsh_function(command) + "() {\n    _arguments -S $_persiscsi_global \\\n" +
                filled(zsh_options(command), "\n", " \\\n") + "\n}\n\n";
    for (const auto word : first_words()) {
        described.emplace_back(word, summary_of_first_word(word));
        functions.emplace_back(word, "_persiscsi_" + std::string(word));
        if (find_command("", word) == nullptr) text += zsh_noun(word);
    }
    return text + zsh_chooser("_persiscsi", described, functions) +
           "if [[ $funcstack[1] == _persiscsi ]]; then\n    _persiscsi \"$@\"\nfi\n";
}

}  // namespace persiscsi::cli
