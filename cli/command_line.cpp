// SPDX-License-Identifier: Apache-2.0
#include "cli/command_line.hpp"

#include "cli/command_error.hpp"
#include "cli/commands.hpp"
#include "cli/help.hpp"
#include "cli/printable.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <iterator>
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

void add_command(CLI::App& app, const command_row& row, invocation& into) {
    auto* verb = app.add_subcommand(std::string(row.verb));
    verb->fallthrough();
    for (const auto& group : row.options)
        for (const auto& option : group) add_option(*verb, option, into);
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
    app->allow_extras();  // operands: CLI11 would take "[::1]" for a list of its own
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

/// Our words for what CLI11 found wrong.
std::string complaint(const CLI::ParseError& error, const std::vector<std::string>& words) {
    if (command_of(words) == nullptr) return words.empty() ? "no such command" : "no such command of " + words.front();
    return printable(error.what());
}

[[noreturn]] void refuse(const std::string& reason, const std::vector<std::string>& words) {
    std::string name = "persiscsi";
    for (const auto& word : words) name += " " + word;
    throw usage_error(reason + "; see " + name + " --help");
}

/// The arguments before "--" that are neither options nor command words, and all behind it. What is refused here is
/// not repeated: it may be a secret in the wrong place.
void take_operands(const std::vector<std::string>& before,
                   std::vector<std::string> behind,
                   invocation& into,
                   const std::vector<std::string>& words) {
    for (const auto& word : before)
        if (word.size() > 1 && word.front() == '-') refuse("an option that this command does not have", words);
    into.operands = before;
    std::ranges::move(behind, std::back_inserter(into.operands));
    const auto& row = into.command->operand;
    if (into.operands.size() < row.least) refuse(std::string(row.name) + " is missing", words);
    if (into.operands.size() > row.most) refuse("an operand too many", words);
}

}  // namespace

std::variant<invocation, help_wanted> parse_command_line(std::vector<std::string> arguments) {
    const auto mark = std::ranges::find(arguments, "--");
    std::vector<std::string> behind(mark == arguments.end() ? mark : mark + 1, arguments.end());
    arguments.erase(mark, arguments.end());
    invocation parsed;
    const auto app = make_app(parsed);
    std::ranges::reverse(arguments);  // as CLI11 wants it
    try {
        app->parse(std::move(arguments));
    } catch (const CLI::CallForHelp&) {
        return help_wanted{help_for(words_of(*app))};
    } catch (const CLI::ParseError& error) {
        const auto words = words_of(*app);
        refuse(complaint(error, words), words);
    }
    take_operands(app->remaining(), std::move(behind), parsed, words_of(*app));
    return parsed;
}

}  // namespace persiscsi::cli
