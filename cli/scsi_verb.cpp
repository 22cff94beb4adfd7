// SPDX-License-Identifier: Apache-2.0
// scsi: the pass-through.
#include "cli/byte_stream.hpp"
#include "cli/cdb_text.hpp"
#include "cli/command_error.hpp"
#include "cli/console.hpp"
#include "cli/invocation.hpp"
#include "cli/raw_command.hpp"
#include "cli/unit_access.hpp"
#include "cli/unit_range.hpp"
#include "cli/verbs.hpp"
#include "initiator/scsi/errors.hpp"

#include <limits>
#include <memory>
#include <optional>
#include <unistd.h>

namespace persiscsi::cli {
namespace {

constexpr std::uint64_t most_data = std::numeric_limits<std::uint32_t>::max();

/// All of the source, which must not be more than one command can carry, nor nothing.
std::vector<std::byte> read_all(byte_source& source, unit_access& unit) {
    constexpr std::size_t piece = 1024 * 1024;
    std::vector<std::byte> data;
    for (bool more = true; more;) {
        const auto before = data.size();
        data.resize(before + piece);
        const auto filled = source.fill(std::span(data).subspan(before), unit);
        data.resize(before + filled);
        more = filled == piece;
        if (data.size() > most_data) throw usage_error("--out: more than 2^32-1 bytes");
    }
    if (data.empty()) throw usage_error("--out: there are no bytes in it");
    return data;
}

/// Where the bytes read go; nothing: they are shown among the results.
std::optional<std::string> output_of(const invocation& line) {
    const auto path = line.text("--output");
    if (!path) return path;
    if (!line.given("--in")) throw usage_error("--output: without --in there are no data to put there");
    if (*path != "-") return path;
    if (line.given("--json"))
        throw usage_error("--json and the data cannot both go to standard output: give --output FILE");
    if (::isatty(STDOUT_FILENO) != 0) throw usage_error("standard output is a terminal: give --output FILE");
    return path;
}

void show(const raw_command& command, bool with_data, console& out) {
    auto text = out.quiet() ? std::string{} : to_text(command);
    if (with_data) text += hex_dump(command.received());
    out.show(to_json(command, with_data), text);
}

/// Puts the bytes away. Where the command failed without any, a file that was made for them is taken away again.
void put_away(const raw_command& command, byte_sink& sink, bool good, unit_access& unit) {
    if (!good && command.received().empty()) {
        sink.abandon();
        return;
    }
    try {
        sink.write(command.received(), unit);
        sink.close();
    } catch (const command_error& error) {
        const std::string reason = error.what();
        throw command_error(error.code(), error.object(), reason.empty() ? reason : reason + sink.abandon());
    }
}

exit_code would_send(const raw_command& command, const invocation& line, console& out) {
    out.report(boost::json::object{{"cdb", hex_of(command.cdb)}, {"dry_run", true}},
               "would send " + command.name() + " (" + hex_of(command.cdb) + ") to " + line.operands.front() + "\n");
    return exit_code::ok;
}

}  // namespace

exit_code pass_through(invocation& line, console& out) {
    require_lun(line);
    const auto command = std::make_shared<raw_command>();
    command->cdb = parse_cdb(std::span(line.operands).subspan(1));
    const auto size = line.number("--in", 1, most_data).value_or(0);
    const auto output = output_of(line);
    const auto input = line.text("--out");
    if (input && *input == "-") line.claim_standard_input("the data to send");
    std::optional<byte_source> source;
    if (input) source.emplace(*input);
    if (line.given("--dry-run")) return would_send(*command, line, out);

    const auto unit = open_unit(line, out);
    if (source) command->data_out = read_all(*source, *unit);
    command->data_in.resize(size);
    std::optional<byte_sink> sink;
    if (output) sink.emplace(*output);
    try {
        if (!line.given("--keep-attentions")) unit->clear_attentions();
        unit->execute(command, line.timeout());
    } catch (const command_error& error) {
        throw command_error(error.code(), error.object(), std::string(error.what()) + (sink ? sink->abandon() : ""));
    }
    const auto status = static_cast<scsi::status>(command->outcome.status);
    const auto failed = scsi::to_error(status, scsi::parse_sense(command->outcome.sense));
    if (sink) put_away(*command, *sink, !failed, *unit);
    unit->close();
    if (output != "-") show(*command, !output, out);
    if (failed) throw command_error(exit_code_of(failed), unit->name(), command->name() + ": " + command->ending());
    return exit_code::ok;
}

}  // namespace persiscsi::cli
