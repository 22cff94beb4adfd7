// SPDX-License-Identifier: Apache-2.0
// table export, import, rekey.
#include "cli/command_error.hpp"
#include "cli/commands.hpp"
#include "cli/console.hpp"
#include "cli/daemon_link.hpp"
#include "cli/file_descriptor.hpp"
#include "cli/invocation.hpp"
#include "cli/printable.hpp"
#include "cli/results.hpp"
#include "cli/text_table.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <unistd.h>

namespace persiscsi::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t longest_backup = std::size_t{32} << 20;

[[noreturn]] void fail(const std::string& path, int error) {
    throw command_error(exit_code_of_file(error), path, std::strerror(error));
}

void write_whole(int descriptor, std::string_view text, const std::string& path) {
    while (!text.empty()) {
        const auto n = ::write(descriptor, text.data(), text.size());
        if (n < 0 && errno != EINTR) fail(path, errno);
        if (n > 0) text.remove_prefix(static_cast<std::size_t>(n));
    }
}

// A device or a pipe is written to. An older backup stays whole until the new one is on disk; it is replaced where a
// symbolic link to it leads.
void write_backup(const std::string& path, std::string_view text) {
    std::error_code unknown;
    const auto place = std::filesystem::weakly_canonical(path, unknown);
    if (const auto kind = std::filesystem::status(path, unknown);
        std::filesystem::exists(kind) && !std::filesystem::is_regular_file(kind)) {
        const file_descriptor device(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
        if (!device) fail(path, errno);
        return write_whole(device.number(), text, path);
    }
    auto fresh = place.native() + ".XXXXXX";
    file_descriptor file(::mkostemp(fresh.data(), O_CLOEXEC));
    if (!file) fail(path, errno);
    try {
        write_whole(file.number(), text, path);
        if (::fsync(file.number()) != 0 || std::rename(fresh.c_str(), place.c_str()) != 0) fail(path, errno);
    } catch (...) {
        ::unlink(fresh.c_str());
        throw;
    }
}

std::string read_whole(const std::string& path) {
    file_descriptor owned(path == "-" ? -1 : ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (path != "-" && !owned) fail(path, errno);
    const auto name = path == "-" ? std::string("standard input") : path;
    std::string text;
    std::array<char, 65536> buffer{};
    while (true) {
        const auto n = ::read(owned ? owned.number() : STDIN_FILENO, buffer.data(), buffer.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) fail(name, errno);
        if (n == 0) return text;
        text.append(buffer.data(), static_cast<std::size_t>(n));
        if (text.size() > longest_backup) throw usage_error(printable(name) + ": longer than 32 MiB");
    }
}

json::value backup_in(const std::string& path) {
    boost::system::error_code code;
    auto document = json::parse(read_whole(path), code);
    if (code || !document.is_object()) throw usage_error(printable(path) + ": not a backup: no JSON object");
    return document;
}

}  // namespace

exit_code table_export(invocation& line, console& out) {
    const auto path = line.text_or("--output", "-");
    const auto answer = daemon_link(line, out).get("/v1/table");
    const auto text = json::serialize(answer) + "\n";
    if (path == "-") {
        out.show(answer, text);
        return exit_code::ok;
    }
    write_backup(path, text);
    json::object report{{"file", path}};
    std::string said;
    for (const auto* list : {"registrations", "portals", "secrets"}) {
        report[list] = list_in(answer, list).size();
        said += (said.empty() ? "" : ", ") + std::to_string(list_in(answer, list).size()) + " " + list;
    }
    out.report(report, said + " in " + printable(path) + "\n");
    return exit_code::ok;
}

exit_code table_import(invocation& line, console& out) {
    const auto path = line.operands.empty() ? "-" : line.operands.front();
    if (path == "-") line.claim_standard_input("FILE");
    const auto answer = daemon_link(line, out).send("POST",
                                                    "/v1/table",
                                                    json::object{{"document", backup_in(path)},
                                                                 {"atomic", line.given("--atomic")},
                                                                 {"dry_run", line.given("--dry-run")},
                                                                 {"replace", line.given("--replace")}});
    const auto& results = list_in(answer, "results");
    out.report(
        answer,
        table_of(results, {{"ID", "id"}, {"KIND", "kind"}, {"RESULT", "result"}, {"REGISTRATION", "registration_id"}}));
    complain_about(out, line.command->name(), results, false);
    return exit_code_of(results, false, true);
}

exit_code table_rekey(invocation& line, console& out) {
    const auto answer =
        daemon_link(line, out).send("POST", "/v1/table/rekey", json::object{{"dry_run", line.given("--dry-run")}});
    const auto& results = list_in(answer, "results");
    out.report(answer, table_of(results, {{"NAME", "name"}, {"RESULT", "result"}}));
    complain_about(out, line.command->name(), results, false);
    return exit_code_of(results, false, true);
}

}  // namespace persiscsi::cli
