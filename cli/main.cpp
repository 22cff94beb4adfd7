// SPDX-License-Identifier: Apache-2.0
#include "cli/command_error.hpp"
#include "cli/command_line.hpp"
#include "cli/commands.hpp"
#include "cli/console.hpp"
#include "cli/printable.hpp"

#include <csignal>
#include <exception>
#include <iostream>
#include <sys/prctl.h>

namespace {

using namespace persiscsi::cli;

loudness loudness_of(const invocation& line) {
    if (line.given("--debug")) return loudness::debug;
    if (line.given("--verbose")) return loudness::verbose;
    return line.given("--quiet") ? loudness::quiet : loudness::normal;
}

int fail(exit_code code, const std::string& command, const std::string& object, const std::string& reason) {
    std::string line = "persiscsi";
    if (!command.empty()) line += ": " + command;
    if (!object.empty()) line += " " + object;
    if (!reason.empty()) std::cerr << printable(line + ": " + reason, 8192) << std::endl;
    return static_cast<int>(code);
}

int run(const std::vector<std::string>& arguments) {
    std::string command;
    try {
        auto parsed = parse_command_line(arguments);
        if (const auto* help = std::get_if<help_wanted>(&parsed)) {
            std::cout << help->text << std::flush;
            return std::cout ? 0 : fail(exit_code::io_error, "", "", "standard output: cannot write the help");
        }
        auto& line = std::get<invocation>(parsed);
        command = line.command->name();
        console out(std::cout, std::cerr, line.given("--json"), loudness_of(line));
        static_cast<void>(line.timeout());  // a wrong one is refused by every command
        const auto code = line.command->run(line, out);
        out.flush();
        return static_cast<int>(code);
    } catch (const command_error& error) {
        std::cout << std::flush;
        return fail(error.code(), command, error.object(), error.what());
    } catch (const std::exception& error) {
        return fail(exit_code::internal, command, "", std::string("internal error: ") + error.what());
    }
}

}  // namespace

int main(int argc, char** argv) {
    // A reader of ours that goes away is an error of write(2), not a signal; secrets stay out of core dumps.
    std::signal(SIGPIPE, SIG_IGN);
    ::prctl(PR_SET_DUMPABLE, 0);
    return run({argv + 1, argv + argc});
}
