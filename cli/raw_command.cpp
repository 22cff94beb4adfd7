// SPDX-License-Identifier: Apache-2.0
#include "cli/raw_command.hpp"

#include "cli/cdb_text.hpp"
#include "initiator/scsi/command_table.hpp"
#include "initiator/scsi/sense.hpp"
#include "initiator/scsi/status.hpp"

#include <algorithm>

namespace persiscsi::cli {
namespace {

namespace json = boost::json;

json::value text_value(std::string_view text) {
    return json::value(json::string_view(text.data(), text.size()));
}

/// What a direction carried (RFC 7143 §11.4.5): the count is of bytes that the target wanted beyond those that were
/// offered (overflow), or did not use (underflow).
struct residual {
    std::uint32_t count = 0;
    bool overflow = false;
    bool underflow = false;
};

/// A command without data has a residual as well, where the target wanted to move some.
bool reads(const raw_command& command) {
    return !command.data_in.empty() || command.data_out.empty();
}

residual of_read(const raw_command& command) {
    const auto& out = command.outcome;
    if (!command.data_out.empty())
        return {out.bidi_read_residual_count, out.bidi_read_overflow, out.bidi_read_underflow};
    return {out.residual_count, out.overflow, out.underflow};
}

residual of_write(const raw_command& command) {
    const auto& out = command.outcome;
    return {out.residual_count, out.overflow, out.underflow};
}

json::object to_json(const char* name, std::size_t size, const residual& rest) {
    return {{name, size}, {"residual", rest.count}, {"overflow", rest.overflow}, {"underflow", rest.underflow}};
}

std::string to_text(const residual& rest) {
    if (rest.overflow) return ", overflow: " + std::to_string(rest.count) + " bytes more were wanted";
    if (rest.underflow) return ", underflow: " + std::to_string(rest.count) + " bytes were not used";
    return {};
}

json::value sense_to_json(const std::vector<std::byte>& bytes) {
    if (bytes.empty()) return nullptr;
    json::object object{{"key", nullptr},
                        {"asc", nullptr},
                        {"ascq", nullptr},
                        {"deferred", nullptr},
                        {"information", nullptr},
                        {"text", nullptr},
                        {"bytes", hex_of(bytes)}};
    const auto sense = scsi::parse_sense(bytes);
    if (!sense) return object;
    object["key"] = static_cast<unsigned>(sense->key);
    object["asc"] = sense->asc;
    object["ascq"] = sense->ascq;
    object["deferred"] = sense->deferred;
    if (sense->information) object["information"] = *sense->information;
    object["text"] = scsi::describe(*sense);
    return object;
}

std::string sense_to_text(const std::vector<std::byte>& bytes) {
    if (bytes.empty()) return {};
    const auto sense = scsi::parse_sense(bytes);
    if (!sense) return "sense that cannot be read: " + hex_of(bytes);
    return scsi::describe(*sense) + (sense->information ? ", information " + std::to_string(*sense->information) : "");
}

}  // namespace

std::span<const std::byte> raw_command::received() const {
    return std::span(data_in).first(std::min(outcome.data_in_size, data_in.size()));
}

std::string raw_command::name() const {
    const auto* row = scsi::find_command(cdb);
    return row != nullptr ? std::string(row->name) : "operation code " + hex_of(std::span(cdb).first(1)) + "h";
}

std::string raw_command::ending() const {
    const auto status = static_cast<scsi::status>(outcome.status);
    const auto sense = sense_to_text(outcome.sense);
    return scsi::to_string(status) + (sense.empty() ? "" : ", " + sense);
}

json::object to_json(const raw_command& command, bool with_data) {
    const auto* row = scsi::find_command(command.cdb);
    json::object object{{"command", row != nullptr ? text_value(row->name) : json::value()},
                        {"cdb", hex_of(command.cdb)},
                        {"status", command.outcome.status},
                        {"status_name", text_value(scsi::to_string(static_cast<scsi::status>(command.outcome.status)))},
                        {"sense", sense_to_json(command.outcome.sense)},
                        {"data_in", nullptr},
                        {"data_out", nullptr}};
    if (reads(command)) {
        auto in = to_json("requested", command.data_in.size(), of_read(command));
        in["received"] = command.received().size();
        in["data"] = with_data ? json::value(hex_of(command.received())) : json::value();
        object["data_in"] = std::move(in);
    }
    if (!command.data_out.empty()) object["data_out"] = to_json("offered", command.data_out.size(), of_write(command));
    return object;
}

std::string to_text(const raw_command& command) {
    auto text = command.name() + ": " + command.ending() + "\n";
    if (!command.data_out.empty())
        text += "data out: " + std::to_string(command.data_out.size()) + " bytes offered" + to_text(of_write(command)) +
                "\n";
    if (!command.data_in.empty() || (reads(command) && of_read(command).overflow))
        text += "data in: " + std::to_string(command.received().size()) + " of " +
                std::to_string(command.data_in.size()) + " bytes" + to_text(of_read(command)) + "\n";
    return text;
}

}  // namespace persiscsi::cli
