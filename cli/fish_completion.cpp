// SPDX-License-Identifier: Apache-2.0
#include "cli/command_names.hpp"
#include "cli/completion.hpp"
#include "cli/script_text.hpp"

namespace persiscsi::cli {
namespace {

std::string fish_quoted(std::string_view text) {
    return "'" + replaced(replaced(text, '\\', "\\\\"), '\'', "\\'") + "'";
}

constexpr std::string_view fish_head = R"(# fish completion of persiscsi, printed by `persiscsi completion fish`.
function __persiscsi_words
    set -l skip
    set -l words (commandline -opc)
    set -e words[1]
    for word in $words
        if set -q skip[1]
            set -e skip[1]
            continue
        end
        switch $word
            case @VALUED@
                set skip yes
            case '-*'
            case '*'
                echo $word
        end
    end
end

# The words are exactly these, or none.
function __persiscsi_stands_at
    set -l words (__persiscsi_words)
    test "$words" = "$argv"
end

# The words begin with these.
function __persiscsi_is_within
    set -l words (__persiscsi_words)
    set -l many (count $argv)
    test (count $words) -ge $many; and test "$words[1..$many]" = "$argv"
end

complete -c persiscsi -f
)";

std::string fish_value(std::string_view value) {
    if (value.empty()) return "";
    const auto offered = offered_for(value);
    if (offered.files) return " -r -F";
    if (offered.directories) return " -x -a '(__fish_complete_directories)'";
    return offered.words.empty() ? " -x" : " -x -a " + fish_quoted(joined(offered.words));
}

std::string fish_option(const std::string& condition, const option_row& option) {
    auto text = "complete -c persiscsi" + condition + " -l " + std::string(option.name.substr(2));
    if (!option.letter.empty()) text += " -s " + std::string(option.letter.substr(1));
    return text + fish_value(option.value) + " -d " + fish_quoted(option.help) + "\n";
}

std::string fish_word(const std::string& at, std::string_view word, std::string_view summary) {
    return "complete -c persiscsi -n '__persiscsi_stands_at" + at + "' -a " + std::string(word) + " -d " +
           fish_quoted(summary) + "\n";
}

std::string fish_command(const command_row& command) {
    const auto condition = " -n '__persiscsi_is_within " + command.name() + "'";
    std::string text;
    for (const auto& group : command.options)
        for (const auto& option : group) text += fish_option(condition, option);
    const auto choices = offered_for(command.operand.name).words;
    if (!choices.empty())
        text += "complete -c persiscsi -n '__persiscsi_stands_at " + command.name() + "' -a " +
                fish_quoted(joined(choices)) + "\n";
    return text;
}

}  // namespace

std::string fish_completion() {
    auto text = filled(fish_head, "@VALUED@", joined(options_with_value()));
    for (const auto& option : global_options) text += fish_option("", option);
    text += "complete -c persiscsi -s h -l help -d 'help'\n";
    for (const auto word : first_words()) {
        text += fish_word("", word, summary_of_first_word(word));
        if (find_command("", word) != nullptr) continue;
        for (const auto& command : commands)
            if (command.noun == word) text += fish_word(" " + std::string(word), command.verb, command.summary);
    }
    for (const auto& command : commands) text += fish_command(command);
    return text;
}

}  // namespace persiscsi::cli
