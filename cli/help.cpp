// SPDX-License-Identifier: Apache-2.0
#include "cli/help.hpp"

#include "cli/commands.hpp"

#include <algorithm>

namespace persiscsi::cli {
namespace {

constexpr std::size_t width = 100;

/// Breaks the text at spaces; each line after the first is indented.
std::string wrapped(std::string_view text, std::size_t column, std::size_t indent) {
    std::string result;
    while (!text.empty()) {
        const auto space = text.find(' ');
        const auto word = text.substr(0, space);
        if (column + word.size() > width && column > indent) {
            result += '\n' + std::string(indent, ' ');
            column = indent;
        }
        result += word;
        column += word.size();
        text.remove_prefix(space == text.npos ? text.size() : space + 1);
        if (text.empty()) break;
        if (column + 1 + text.substr(0, text.find(' ')).size() <= width) {
            result += ' ';
            ++column;
        } else {
            column = width + 1;
        }
    }
    return result + '\n';
}

/// "  left      right", the right side wrapped in its column.
std::string entry(const std::string& left, std::string_view right, std::size_t column) {
    auto result = "  " + left;
    if (result.size() + 2 > column)
        result += '\n' + std::string(column, ' ');
    else
        result.append(column - result.size(), ' ');
    return result + wrapped(right, column, column);
}

std::string option_lines(std::span<const option_row> options) {
    std::string result;
    for (const auto& option : options) {
        auto left = option.letter.empty() ? std::string() : std::string(option.letter) + ", ";
        left += std::string(option.name) + (option.value.empty() ? "" : " " + std::string(option.value));
        auto right = std::string(option.help);
        if (!option.preset.empty()) right += " (default: " + std::string(option.preset) + ")";
        if (option.how == required) right += " (required)";
        if (option.how == many) right += " (may be repeated)";
        result += entry(left, right, 32);
    }
    return result;
}

std::string options_of_every_command() {
    return "\nOptions of every command:\n" + option_lines(global_options);
}

/// The command's own options, then those of its login.
std::string options_of(const command_row& command) {
    std::string own;
    std::string login;
    for (const auto& group : command.options)
        (group.data() == login_options_table ? login : own) += option_lines(group);
    return (own.empty() ? "" : "\nOptions:\n" + own) + (login.empty() ? "" : "\nLogin options:\n" + login);
}

std::string exit_code_block() {
    std::string result = "\nExit codes:\n";
    for (const auto& row : exit_codes) result += entry(std::to_string(static_cast<int>(row.value)), row.text, 8);
    return result;
}

std::string synopsis(const command_row& command) {
    auto result = "persiscsi " + command.name() + " [OPTIONS]";
    for (const auto& group : command.options)
        for (const auto& option : group)
            if (option.how == required) result += " " + std::string(option.name) + " " + std::string(option.value);
    const auto& operand = command.operand;
    if (operand.name.empty()) return result;
    auto name = std::string(operand.name) + (operand.most > 1 ? "..." : "");
    return result + (operand.least == 0 ? " [" + name + "]" : " " + name);
}

std::string command_lines(std::string_view noun, bool all) {
    std::string result;
    for (const auto& command : commands)
        if (all || command.noun == noun) result += entry(command.name(), command.summary, 26);
    return result;
}

}  // namespace

std::string help_of_all() {
    return "persiscsi: iSCSI sessions without the kernel\n\nUsage: persiscsi COMMAND [OPTIONS] "
           "[OPERANDS]\n\nCommands:\n" +
           command_lines("", true) + options_of_every_command() +
           entry("-h, --help", "help of a command: persiscsi COMMAND --help", 32) + exit_code_block();
}

std::string help_of_noun(std::string_view noun) {
    return "Usage: persiscsi " + std::string(noun) + " COMMAND [OPTIONS] [OPERANDS]\n\nCommands:\n" +
           command_lines(noun, false) + "\nHelp of a command: persiscsi " + std::string(noun) + " COMMAND --help\n";
}

std::string help_of(const command_row& command) {
    auto result = wrapped("persiscsi " + command.name() + ": " + std::string(command.summary), 0, 0) +
                  "\nUsage: " + synopsis(command) + "\n";
    if (!command.details.empty()) result += "\n" + wrapped(command.details, 0, 0);
    const auto& operand = command.operand;
    if (!operand.name.empty()) result += "\nOperands:\n" + entry(std::string(operand.name), operand.help, 32);
    return result + options_of(command) + options_of_every_command() + exit_code_block() + "\nExample:\n  " +
           std::string(command.example) + '\n';
}

const command_row* find_command(std::string_view noun, std::string_view verb) {
    const auto* found = std::ranges::find_if(
        commands, [&](const command_row& command) { return command.noun == noun && command.verb == verb; });
    return found == std::end(commands) ? nullptr : found;
}

}  // namespace persiscsi::cli
