// SPDX-License-Identifier: Apache-2.0
// completion, man: what is printed from the table of commands.
#include "cli/command_error.hpp"
#include "cli/commands.hpp"
#include "cli/completion.hpp"
#include "cli/console.hpp"
#include "cli/help.hpp"
#include "cli/invocation.hpp"
#include "cli/man_page.hpp"
#include "cli/printable.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <cerrno>
#include <cstring>
#include <fstream>

namespace persiscsi::cli {
namespace {

namespace json = boost::json;

struct page {
    std::string name;
    std::string text;
};

page page_of(const std::vector<std::string>& words) {
    if (words.empty()) return {"persiscsi", man_page_of_all()};
    const auto* command =
        words.size() == 1 ? find_command("", words.front()) : find_command(words.front(), words.back());
    if (command == nullptr) throw usage_error("there is no such command; persiscsi --help lists them");
    return {man_page_name(*command), man_page_of(*command)};
}

void write_page(const std::filesystem::path& directory, const page& one) {
    const auto path = directory / (one.name + ".1");
    std::ofstream file(path, std::ios::binary);
    file << one.text;
    file.close();
    if (!file) {
        const int error = errno;
        throw command_error(exit_code_of_file(error), path.string(), std::strerror(error));
    }
}

exit_code write_all_pages(const std::string& directory, console& out) {
    json::array names;
    const auto write = [&](const page& one) {
        write_page(directory, one);
        names.emplace_back(one.name);
    };
    write({"persiscsi", man_page_of_all()});
    for (const auto& command : commands) write({man_page_name(command), man_page_of(command)});
    const auto said = std::to_string(names.size()) + " pages in " + printable(directory) + "\n";
    out.report(json::object{{"directory", directory}, {"pages", std::move(names)}}, said);
    return exit_code::ok;
}

std::string script_for(const std::string& shell) {
    if (shell == "bash") return bash_completion();
    if (shell == "zsh") return zsh_completion();
    if (shell == "fish") return fish_completion();
    throw usage_error(in_quotes(shell) + " is not bash, zsh or fish");
}

}  // namespace

exit_code completion(invocation& line, console& out) {
    const auto& shell = line.operands.front();
    const auto script = script_for(shell);
    out.show(json::object{{"shell", shell}, {"script", script}}, script);
    return exit_code::ok;
}

exit_code man(invocation& line, console& out) {
    if (const auto directory = line.text("--directory")) {
        if (!line.operands.empty()) throw usage_error("--directory is for every page: no COMMAND beside it");
        return write_all_pages(*directory, out);
    }
    const auto one = page_of(line.operands);
    out.show(json::object{{"page", one.name}, {"text", one.text}}, one.text);
    return exit_code::ok;
}

}  // namespace persiscsi::cli
