// SPDX-License-Identifier: Apache-2.0
#include "cli/man_page.hpp"

#include "cli/command_names.hpp"
#include "cli/script_text.hpp"

namespace persiscsi::cli {
namespace {

/// Text as roff takes it: nothing in it is an escape or a request, and each - can be copied into a shell.
std::string roff(std::string_view text) {
    std::string result;
    if (text.starts_with('.') || text.starts_with('\'')) result = "\\&";
    for (const char c : text) switch (c) {
            case '\\':
                result += "\\e";
                break;
            case '-':
                result += "\\-";
                break;
            case '\'':
                result += "\\(aq";
                break;
            case '`':
                result += "\\(ga";
                break;
            case '^':
                result += "\\(ha";
                break;
            case '~':
                result += "\\(ti";
                break;
            default:
                result += c;
        }
    return result;
}

std::string bold(std::string_view text) {
    return "\\fB" + roff(text) + "\\fR";
}

std::string italic(std::string_view text) {
    return "\\fI" + roff(text) + "\\fR";
}

std::string section(std::string_view name) {
    return ".SH " + std::string(name) + "\n";
}

std::string entry(const std::string& what, std::string_view text) {
    return ".TP\n" + what + "\n" + roff(text) + "\n";
}

std::string upper(std::string text) {
    for (auto& c : text)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return text;
}

std::string head(const std::string& name, std::string_view summary) {
    return ".\\\" Printed by `persiscsi man` from its table of commands.\n.TH " + upper(roff(name)) +
           " 1 \"\" \"persiscsi " PERSISCSI_VERSION "\" \"persiscsi\"\n" + section("NAME") + roff(name) + " \\- " +
           roff(summary) + "\n";
}

std::string option_entry(const option_row& option) {
    auto what = option.letter.empty() ? std::string() : bold(option.letter) + ", ";
    what += bold(option.name);
    if (!option.value.empty()) what += " " + italic(option.value);
    auto text = std::string(option.help) + ".";
    if (!option.preset.empty()) text += " Default: " + std::string(option.preset) + ".";
    if (option.how == required) text += " Required.";
    if (option.how == many) text += " May be repeated.";
    return entry(what, text);
}

std::string option_entries(std::span<const option_row> options) {
    std::string text;
    for (const auto& option : options) text += option_entry(option);
    return text;
}

/// Its own options, then those of its login, then those of every command.
std::string options_of(const command_row& command) {
    std::string own;
    std::string login;
    for (const auto& group : command.options)
        (group.data() == login_options_table ? login : own) += option_entries(group);
    return (own.empty() ? "" : section("OPTIONS") + own) + (login.empty() ? "" : section("\"LOGIN OPTIONS\"") + login) +
           section("\"OPTIONS OF EVERY COMMAND\"") + option_entries(global_options);
}

std::string synopsis(const command_row& command) {
    auto text = section("SYNOPSIS") + bold("persiscsi " + command.name()) + " [" + italic("OPTIONS") + "]";
    for (const auto& group : command.options)
        for (const auto& option : group)
            if (option.how == required) text += " " + bold(option.name) + " " + italic(option.value);
    const auto& operand = command.operand;
    if (operand.name.empty()) return text + "\n";
    const auto name = italic(operand.name) + (operand.most > 1 ? "..." : "");
    return text + (operand.least == 0 ? " [" + name + "]" : " " + name) + "\n";
}

std::string exit_status() {
    auto text = section("\"EXIT STATUS\"");
    for (const auto& row : exit_codes) text += entry(bold(std::to_string(static_cast<int>(row.value))), row.text);
    return text;
}

}  // namespace

std::string man_page_name(const command_row& command) {
    return "persiscsi-" + replaced(command.name(), ' ', "-");
}

std::string man_page_of_all() {
    auto text = head("persiscsi", "iSCSI sessions without the kernel") + section("SYNOPSIS") + bold("persiscsi") + " " +
                italic("COMMAND") + " [" + italic("OPTIONS") + "] [" + italic("OPERANDS") + "]\n" + section("COMMANDS");
    for (const auto& command : commands) text += entry(bold(command.name()), command.summary);
    return text + section("OPTIONS") + option_entries(global_options) +
           entry(bold("-h") + ", " + bold("--help"), "help of a command: persiscsi COMMAND --help.") + exit_status() +
           section("\"SEE ALSO\"") + "Each command has a page of its own, as " + bold("persiscsi-session-unregister") +
           "(1).\n";
}

std::string man_page_of(const command_row& command) {
    auto text = head(man_page_name(command), command.summary) + synopsis(command);
    if (!command.details.empty()) text += section("DESCRIPTION") + roff(command.details) + "\n";
    const auto& operand = command.operand;
    if (!operand.name.empty()) text += section("OPERANDS") + entry(italic(operand.name), operand.help);
    return text + options_of(command) + exit_status() + section("EXAMPLE") + ".nf\n" + roff(command.example) +
           "\n.fi\n" + section("\"SEE ALSO\"") + bold("persiscsi") + "(1)\n";
}

}  // namespace persiscsi::cli
