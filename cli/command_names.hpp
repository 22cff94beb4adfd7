// SPDX-License-Identifier: Apache-2.0
// The table of commands, looked at from the side of its words.
#pragma once

#include "cli/commands.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace persiscsi::cli {

/// What can stand first: nouns, and verbs without one, in the order of the table.
[[nodiscard]] inline std::vector<std::string_view> first_words() {
    std::vector<std::string_view> words;
    for (const auto& command : commands) {
        const auto word = command.noun.empty() ? command.verb : command.noun;
        if (std::ranges::find(words, word) == words.end()) words.push_back(word);
    }
    return words;
}

[[nodiscard]] inline std::vector<std::string_view> verbs_of(std::string_view noun) {
    std::vector<std::string_view> verbs;
    for (const auto& command : commands)
        if (command.noun == noun) verbs.push_back(command.verb);
    return verbs;
}

/// "a b c"
template <class Words>
[[nodiscard]] std::string joined(const Words& words, std::string_view between = " ") {
    std::string text;
    for (const auto& word : words) text += (text.empty() ? "" : std::string(between)) + std::string(word);
    return text;
}

/// The summary of a command without noun; of a noun its verbs.
[[nodiscard]] inline std::string summary_of_first_word(std::string_view word) {
    const auto* command = find_command("", word);
    return command != nullptr ? std::string(command->summary) : joined(verbs_of(word), ", ");
}

/// Calls `visit` with each option of each command, those of every command first.
template <class Visit>
void for_each_option(Visit visit) {
    for (const auto& option : global_options) visit(option);
    for (const auto& command : commands)
        for (const auto& group : command.options)
            for (const auto& option : group) visit(option);
}

/// Names and letters of all options that take a value, each once.
[[nodiscard]] inline std::vector<std::string_view> options_with_value() {
    std::vector<std::string_view> names;
    for_each_option([&](const option_row& option) {
        for (const auto name : {option.letter, option.name})
            if (!option.value.empty() && !name.empty() && std::ranges::find(names, name) == names.end())
                names.push_back(name);
    });
    return names;
}

}  // namespace persiscsi::cli
