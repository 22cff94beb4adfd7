// SPDX-License-Identifier: Apache-2.0
#include "cli/command_line.hpp"

#include "cli/command_error.hpp"
#include "cli/commands.hpp"
#include "cli/help.hpp"
#include "cli/printable.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <map>
#include <memory>

namespace persiscsi::cli {
namespace {

void add_option(CLI::App& app, const option_row& row, invocation& into) {
    const auto names = (row.letter.empty() ? "" : std::string(row.letter) + ",") + std::string(row.name);
    const std::string name(row.name);
    if (row.value.empty()) {
        app.add_flag_callback(names, [&into, name] { into.options[name]; });
        return;
    }
    auto* option = app.add_option(names, [&into, name](const CLI::results_t& values) {
        into.options[name] = values;
        return true;
    });
    option->type_size(1)->allow_extra_args(false);
    option->multi_option_policy(row.how == many ? CLI::MultiOptionPolicy::TakeAll : CLI::MultiOptionPolicy::Throw);
    option->required(row.how == required);
}

void add_operand(CLI::App& app, const operand_row& row, invocation& into) {
    if (row.name.empty()) return;
    // CLI11 wants a plain word for a name; people see the table's.
    auto* option = app.add_option("operand", [&into](const CLI::results_t& values) {
        into.operands = values;
        return true;
    });
    option->type_size(1)->expected(static_cast<int>(row.least), static_cast<int>(row.most))->allow_extra_args(false);
}

void add_command(CLI::App& app, const command_row& row, invocation& into) {
    auto* verb = app.add_subcommand(std::string(row.verb));
    verb->fallthrough();
    for (const auto& group : row.options)
        for (const auto& option : group) add_option(*verb, option, into);
    add_operand(*verb, row.operand, into);
    verb->callback([&into, &row] { into.command = &row; });
}

/// The app of a noun, made when it is met first in the table.
CLI::App& app_of_noun(CLI::App& root, std::map<std::string_view, CLI::App*>& known, std::string_view noun) {
    auto& app = known[noun];
    if (app == nullptr) {
        app = root.add_subcommand(std::string(noun));
        app->fallthrough();
        app->require_subcommand(1);
    }
    return *app;
}

std::unique_ptr<CLI::App> make_app(invocation& into) {
    auto app = std::make_unique<CLI::App>();
    app->set_help_flag("-h,--help");
    app->require_subcommand(1);
    for (const auto& option : global_options) add_option(*app, option, into);
    std::map<std::string_view, CLI::App*> nouns;
    for (const auto& command : commands)
        add_command(command.noun.empty() ? *app : app_of_noun(*app, nouns, command.noun), command, into);
    return app;
}

std::vector<std::string> words_of(const CLI::App& app) {
    std::vector<std::string> words;
    const auto* at = &app;
    while (!at->get_subcommands().empty()) {
        at = at->get_subcommands().front();
        words.push_back(at->get_name());
    }
    return words;
}

const command_row* command_of(const std::vector<std::string>& words) {
    if (words.size() == 1) return find_command("", words.front());
    return words.size() == 2 ? find_command(words.front(), words.back()) : nullptr;
}

std::string help_for(const std::vector<std::string>& words) {
    if (const auto* command = command_of(words)) return help_of(*command);
    return words.empty() ? help_of_all() : help_of_noun(words.front());
}

/// Our words for what CLI11 found wrong. The text of an argument is repeated only where it is one word of a command: it
/// may be a secret in the wrong place.
std::string complaint(const CLI::ParseError& error, const std::vector<std::string>& words) {
    const auto* command = command_of(words);
    const std::string code = error.get_name();
    if (command == nullptr) return words.empty() ? "no such command" : "no such command of " + words.front();
    if (code == "ExtrasError") return "an operand too many, or an option that this command does not have";
    if (code == "RequiredError" && std::string_view(error.what()).starts_with("operand"))
        return std::string(command->operand.name) + " is missing";
    if (code == "ArgumentMismatch") return std::string(command->operand.name) + ": " + error.what();
    return error.what();
}

}  // namespace

std::variant<invocation, help_wanted> parse_command_line(std::vector<std::string> arguments) {
    invocation parsed;
    const auto app = make_app(parsed);
    std::ranges::reverse(arguments);  // as CLI11 wants it
    try {
        app->parse(std::move(arguments));
    } catch (const CLI::CallForHelp&) {
        return help_wanted{help_for(words_of(*app))};
    } catch (const CLI::ParseError& error) {
        const auto words = words_of(*app);
        std::string name = "persiscsi";
        for (const auto& word : words) name += " " + word;
        throw usage_error(printable(complaint(error, words)) + "; see " + name + " --help");
    }
    return parsed;
}

}  // namespace persiscsi::cli
